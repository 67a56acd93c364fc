/*
 * The silver tables as they should be, written out a second time: names, keys and figures here, what each event adds to
 * them in sql/parts.sql. Nothing is taken from the code that wrote them.
 *
 * Tested in test/tools/verify/verify.test.ts and week.test.ts.
 */

/** A figure of a rollup. Parts hold `money` in minor units, what is `measured` in thousandths, texts under a `distinct`, and times as `time_ms`. */
export type Figure = { readonly name: string } & (
  | { readonly is: 'sum' | 'money' | 'measured' | 'min' | 'max' | 'last' | 'distinct' }
  /** `of` over `by`, rounded half away from zero: a mean to minor units, percent to hundredths. */
  | { readonly is: 'mean' | 'percent'; readonly of: string; readonly by: string }
)

/** A silver table, and the live table of the same name. */
export interface Rollup {
  readonly name: string
  readonly windowMs: number
  readonly keys: readonly string[]
  readonly figures: readonly Figure[]
}

const sum = (name: string): Figure => ({ name, is: 'sum' })
const money = (name: string): Figure => ({ name, is: 'money' })
const minuteMs = 60_000
const kinds = ['region', 'city', 'country', 'channel', 'payment_method', 'category', 'brand', 'customer_segment']

export const rollups: readonly Rollup[] = [
  {
    name: 'sales_1m',
    windowMs: minuteMs,
    keys: ['store_id', 'product_id'],
    figures: [
      sum('total_qty'),
      money('total_revenue'),
      sum('transactions'),
      money('gross_sales'),
      money('discounts'),
      sum('units_returned'),
      { name: 'measured_qty', is: 'measured' },
    ],
  },
  {
    name: 'store_1m',
    windowMs: minuteMs,
    keys: ['store_id'],
    figures: [
      sum('total_transactions'),
      money('total_revenue'),
      { name: 'avg_transaction_value', is: 'mean', of: 'total_revenue', by: 'total_transactions' },
      { name: 'unique_customers', is: 'distinct' },
      ...['orders', 'return_receipts'].map(sum),
      ...['gross_sales', 'discounts', 'returns', 'order_revenue'].map(money),
      { name: 'avg_order_value', is: 'mean', of: 'order_revenue', by: 'orders' },
      ...['units_sold', 'units_returned', 'write_offs'].map(sum),
      ...['tax', 'tax_included', 'tips', 'shipping', 'fees', 'gift_cards_sold', 'gift_cards_redeemed'].map(money),
      money('adjustments'),
      sum('adjustment_lines'),
    ],
  },
  {
    name: 'mix_1m',
    windowMs: minuteMs,
    keys: ['store_id', ...kinds],
    figures: [sum('total_qty'), money('total_revenue'), sum('transactions'), sum('orders')],
  },
  {
    name: 'funnel_1m',
    windowMs: minuteMs,
    keys: ['store_id', 'channel', 'category'],
    figures: [...['views', 'add_to_carts', 'checkouts', 'purchases'].map(sum), { name: 'sessions', is: 'distinct' }],
  },
  {
    name: 'payments_1m',
    windowMs: minuteMs,
    keys: ['store_id', 'method', 'status', 'failure_reason'],
    figures: [sum('payments'), money('amount')],
  },
  {
    name: 'quality_1m',
    windowMs: minuteMs,
    keys: ['store_id', 'reason'],
    figures: [
      ...[
        'received',
        'valid',
        'rejected',
        'duplicates',
        'conflicting',
        'repeated_receipts',
        'late',
        'late_seconds',
      ].map(sum),
      { name: 'max_late_seconds', is: 'max' },
      { name: 'quality_pct', is: 'percent', of: 'valid', by: 'received' },
    ],
  },
  {
    name: 'stock_5m',
    windowMs: 5 * minuteMs,
    keys: ['store_id', 'product_id'],
    figures: [
      { name: 'on_hand', is: 'last' },
      { name: 'min_on_hand', is: 'min' },
    ],
  },
]

/** A column of a figure, and its type in DuckDB; money is a decimal with the digits of the currency. */
interface Column {
  readonly name: string
  readonly type: 'BIGINT' | 'money' | 'DECIMAL(18, 2)' | 'DECIMAL(18, 3)' | 'TIMESTAMP' | 'VARCHAR'
}

/** The columns of a rollup's figures, in table order; a sketch is a VARCHAR of hexadecimal digits. */
export function figureColumns({ figures }: Rollup): readonly Column[] {
  return figures.flatMap(({ name, is }): readonly Column[] => {
    switch (is) {
      case 'sum':
      case 'min':
      case 'max':
        return [{ name, type: 'BIGINT' }]
      case 'money':
      case 'mean':
        return [{ name, type: 'money' }]
      case 'percent':
        return [{ name, type: 'DECIMAL(18, 2)' }]
      case 'measured':
        return [{ name, type: 'DECIMAL(18, 3)' }]
      case 'last':
        return [
          { name, type: 'BIGINT' },
          { name: `${name}_at`, type: 'TIMESTAMP' },
        ]
      case 'distinct':
        return [
          { name, type: 'BIGINT' },
          { name: `${name}_sketch`, type: 'VARCHAR' },
        ]
    }
  })
}

/** SQL of macro `money`: minor units as a decimal with so many digits. */
export function moneyMacro(minorDigits: number): string {
  const unit = `${(10 ** -minorDigits).toFixed(minorDigits)}::DECIMAL(${minorDigits + 1}, ${minorDigits})`
  return `CREATE OR REPLACE MACRO money(units) AS (units::BIGINT * ${unit})::DECIMAL(18, ${minorDigits});`
}

/** SQL that makes the tables of schemas `lake` and `pg` that copies of the rollups go into. */
export function rollupTables(minorDigits: number): string {
  const moneyType = `DECIMAL(18, ${minorDigits})`
  return rollups
    .flatMap((rollup) => {
      const keys = rollup.keys.map((name) => `${name} VARCHAR`)
      const figures = figureColumns(rollup).map(({ name, type }) => `${name} ${type === 'money' ? moneyType : type}`)
      const position = ['partition_id INTEGER', 'sequence BIGINT', 'item INTEGER']
      const window = ['date DATE', 'window_start TIMESTAMP', 'window_end TIMESTAMP']
      return [
        `CREATE TABLE lake.${rollup.name} (${[...window, ...keys, ...figures, 'kind VARCHAR', ...position].join(', ')});`,
        `CREATE TABLE pg.${rollup.name} (${['window_start TIMESTAMP', ...keys, ...figures, 'closed BOOLEAN', 'partition_id INTEGER'].join(', ')});`,
      ]
    })
    .join('\n')
}

const position = ['partition_id', 'sequence', 'item']
const named = (sql: string, name: string) => `${sql} AS ${name}`

/** The figures of a group of parts; money still in minor units, ratios still missing. */
function gathered({ figures }: Rollup): readonly string[] {
  return figures.flatMap(({ name, is }) => {
    switch (is) {
      case 'sum':
      case 'money':
      case 'measured':
        return [named(`sum(${name})::BIGINT`, name)]
      case 'min':
      case 'max':
        return [named(`${is}(${name})`, name)]
      case 'last':
        return [
          named(`last(${name} ORDER BY time_ms, sequence, item)`, name),
          named(`at_ms(max(time_ms))`, `${name}_at`),
        ]
      case 'distinct':
        return [named(`sketched(list(${name}) FILTER (${name} IS NOT NULL))`, `${name}_sketch`)]
      case 'mean':
      case 'percent':
        return []
    }
  })
}

/** The figures as the tables show them, of those gathered. */
function shown({ figures }: Rollup): readonly string[] {
  return figures.flatMap((figure) => {
    const { name } = figure
    switch (figure.is) {
      case 'money':
        return [named(`money(${name})`, name)]
      case 'measured':
        return [named(`(${name} * 0.001::DECIMAL(4, 3))::DECIMAL(18, 3)`, name)]
      case 'last':
        return [name, `${name}_at`]
      case 'distinct':
        return [named(`estimated(${name}_sketch)`, name), `${name}_sketch`]
      case 'mean':
        return [named(`money(mean(${figure.of}, ${figure.by}))`, name)]
      case 'percent':
        return [named(`hundredths(mean(10000 * ${figure.of}, ${figure.by}))`, name)]
      case 'sum':
      case 'min':
      case 'max':
        return [name]
    }
  })
}

/**
 * SQL that makes of `truth.<name>_part` the rows of the silver table, `truth.<name>_rows`, and the windows as the live
 * table shows them, `truth.<name>`. A part has the rollup's keys, raw figures, `time_ms` and the watermark before it. A
 * window closes with the first entry that brings the watermark past its end; a part that comes later is a row of its own.
 */
export function rollupTruth(rollup: Rollup): string {
  const { name, windowMs, keys } = rollup
  const figures = gathered(rollup).join(', ')
  const window = `date_ms(start_ms) AS date, at_ms(start_ms) AS window_start, at_ms(start_ms + ${windowMs}) AS window_end`
  const group = (by: readonly string[], where: string) =>
    `SELECT ${[...by, ...keys].join(', ')}, ${figures} FROM windowed WHERE ${where} GROUP BY ${[...by, ...keys].join(', ')}`
  const windowed = `WITH windowed AS (
    SELECT *, time_ms - time_ms % ${windowMs} AS start_ms, start_ms + ${windowMs} <= before_ms AS is_late FROM truth.${name}_part
  )`
  return `
CREATE VIEW truth.${name}_rows AS
${windowed}, gathered AS (
  SELECT w.*, 'closed' AS kind, rise.sequence, rise.item
  FROM (${group(['partition_id', 'start_ms'], 'NOT is_late')}) AS w ASOF JOIN truth.rise AS rise
    ON w.partition_id = rise.partition_id AND w.start_ms + ${windowMs} <= rise.after_ms
  UNION ALL BY NAME
  SELECT *, 'correction' AS kind FROM (${group([...position, 'start_ms'], 'is_late')})
)
SELECT ${window}, ${[...keys, ...shown(rollup)].join(', ')}, kind, ${position.join(', ')} FROM gathered;
CREATE VIEW truth.${name} AS
${windowed}
SELECT at_ms(start_ms) AS window_start, ${[...keys, ...shown(rollup)].join(', ')}, partition_id,
  start_ms + ${windowMs} <= ms AS closed
FROM (${group(['partition_id', 'start_ms'], 'true')}) LEFT JOIN truth.watermark USING (partition_id);`
}
