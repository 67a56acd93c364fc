import { type CsvMap, lineFields, numberFields, receiptFields } from '../../generator/csv/map'
import { type Comparison } from './compare'
import { literal } from './engine'

/** Recorded sales that were replayed: the files themselves and what their columns mean. */
export interface CsvSource {
  readonly files: readonly string[]
  readonly map: CsvMap
}

const name = (field: string) => `"${field}"`

/**
 * What a map says that is not worked out a second time, by the names of the map; of such files only what was read of them
 * is known.
 */
export function notCovered(map: CsvMap): readonly string[] {
  const isUsed = (value: object | undefined) => value !== undefined && Object.keys(value).length > 0
  const parts = (['join', 'where', 'returns', 'kinds', 'values', 'fillDown', 'order'] as const).filter((part) =>
    isUsed(map[part]),
  )
  const fields = ['amount', 'discount', 'kind', 'unit', 'taxIncluded', 'storeZone'].filter(
    (field) => field in map.columns,
  )
  const constants = ['amount', 'discount', 'kind', 'unit'].filter((field) => field in map.constants)
  const { formats, zone, zoneColumn, repeated } = map.time
  const isPlain =
    formats.length === 1 && formats.every((format) => /^(?:yyyy|MM?|dd?|HH?|mm|ss|T|[^A-Za-z'])+$/.test(format))
  return [
    ...parts,
    ...fields.map((field) => `columns.${field}`),
    ...constants.map((field) => `constants.${field}`),
    ...(isPlain ? [] : ['time.format']),
    ...(zone === undefined || zoneColumn !== undefined ? ['time.zoneColumn'] : []),
    ...(repeated === 'order' ? [] : ['time.repeated']),
  ]
}

/** The column of `csv.read` with a cell of the order key. */
export function keyColumn(index: number): string {
  return `key ${index}`
}

/** SQL of the local days of `csv.read`, each by its midnight as if that were UTC: column `day`, ascending. */
export function localDays(map: CsvMap): string {
  return `SELECT DISTINCT epoch_ms(date_trunc('day', local)) AS day FROM (
    SELECT ${localTime(map)} AS local FROM (SELECT ${localText} AS local_text FROM csv.read)
  ) WHERE local IS NOT NULL ORDER BY day`
}

/**
 * SQL that makes of the rows in `csv.read`, and of the stretches of their zone in `csv.stretch`,
 * - `csv.receipt`: what should have been sent, one row per event; `digest` is of all it says, `nth` tells apart those
 *   that say the same
 * - `csv.line`: its lines, pieces and whole minor units
 * - `csv.found`: which event in bronze each receipt is, and what became of it
 */
export function csvScript({ map }: CsvSource): string {
  const fields = (names: readonly string[]) =>
    names.filter((field) => field !== 'eventTime' && (field in map.columns || field in map.constants))
  const [ofReceipt, ofLine] = [fields(receiptFields), fields(lineFields)]
  const list = (items: readonly string[]) => `[${items.join(', ')}]::VARCHAR[]`
  const said = (names: readonly string[], doc: string) =>
    list(names.map((field) => canonical(field, `(${doc}->>'$.${field}')`)))
  const keys = map.orderKey.map((column, i) => ({
    text: trimmed(keyColumn(i)),
    isStore: map.columns['storeId']?.includes(column),
  }))
  const isNamed = keys.filter(({ isStore }) => isStore !== true).map(({ text }) => `${text} <> ''`)
  const moment = `to_json(${list(['local_text', ...ofReceipt.map(name)])})::VARCHAR`
  const order = `CASE WHEN ${isNamed.join(' OR ') || 'false'} THEN to_json(${list(keys.map(({ text }) => text))})::VARCHAR ELSE 'moment ' || ${moment} END`
  return `
CREATE OR REPLACE TABLE csv.row AS
WITH said AS (
  SELECT read.*, ${localText} AS local_text,
    ${[...ofReceipt, ...ofLine].map((field) => `${cell(field, map)} AS ${name(`said ${field}`)}`).join(',\n    ')}
  FROM csv.read AS read
), named AS (
  SELECT file, row_in_file, local_text, ${keys.map((_, i) => `${name(keyColumn(i))},`).join(' ')}
    ${[...ofReceipt, ...ofLine].map((field) => `${name(`said ${field}`)} AS ${name(field)}`).join(', ')}
  FROM said
), ordered AS (
  SELECT *, ${order} AS order_name FROM named
)
-- A sale has at most 1000 lines.
SELECT *, (row_number() OVER (PARTITION BY file, order_name ORDER BY row_in_file) - 1) // 1000 AS piece FROM ordered;

-- What an order says is what its first row says that says something.
CREATE OR REPLACE TABLE csv.told AS
WITH told AS (
  SELECT file, order_name, min(row_in_file) AS first_row, arg_min(nullif(local_text, ''), row_in_file) AS local_text,
    ${ofReceipt.map((field) => `arg_min(${name(field)}, row_in_file) AS ${name(field)}`).join(', ')}
  FROM csv.row GROUP BY ALL
), local AS (
  SELECT *, epoch_ms(${localTime(map)}) AS local_ms FROM told
), stretch AS (
  SELECT *, lead(from_ms) OVER (ORDER BY from_ms) AS next_ms, lead(offset_ms) OVER (ORDER BY from_ms) AS next_offset_ms FROM csv.stretch
), placed AS (
  -- The first stretch that has the local time; an hour that the clocks skip is in none and counts as if they had not yet
  -- been put forward. \`change_ms\`: of an hour that comes twice, when it comes again.
  SELECT local.*, before_ms, offset_ms, from_ms, next_offset_ms,
    CASE WHEN local_ms - offset_ms >= from_ms AND local_ms - next_offset_ms >= next_ms THEN next_ms END AS change_ms
  FROM local ASOF LEFT JOIN stretch ON local.local_ms < stretch.local_end_ms
), stepped AS (
  SELECT *, CASE WHEN change_ms IS NULL THEN
    sign(local_ms - lag(local_ms) OVER (PARTITION BY file, change_ms IS NULL, local_ms IS NULL ORDER BY first_row)) END AS step
  FROM placed
), ran AS (
  -- Whether the file runs backwards up to here, and whether the time has gone back, or on, within an hour that comes twice.
  SELECT *,
    coalesce(sum(step) OVER (PARTITION BY file ORDER BY first_row ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) < 0 AS backwards,
    local_ms - lag(local_ms) OVER again AS moved
  FROM stepped WINDOW again AS (PARTITION BY file, "storeId", change_ms ORDER BY first_row)
), passed AS (
  SELECT *, change_ms IS NOT NULL AND CASE WHEN backwards THEN NOT coalesce(bool_or(moved > 0) OVER again, false)
    ELSE coalesce(bool_or(moved < 0) OVER again, false) END AS is_second
  FROM ran WINDOW again AS (PARTITION BY file, "storeId", change_ms ORDER BY first_row)
)
SELECT file, order_name, first_row, ${ofReceipt.map((field) => `${name(field)},`).join(' ')} local_text,
  local_ms - CASE WHEN is_second THEN next_offset_ms WHEN local_ms - offset_ms < from_ms THEN before_ms ELSE offset_ms END AS event_ms
FROM passed;

CREATE OR REPLACE TABLE csv.receipt AS
WITH bodies AS (
  SELECT file, order_name, piece, count(*) AS lines,
    to_json(list(${list(ofLine.map(name))} ORDER BY row_in_file))::VARCHAR AS tail
  FROM csv.row GROUP BY ALL
), whole AS (
  SELECT file, order_name, first_row, piece, "orderId" AS order_id, "storeId" AS store_id, event_ms, lines,
    sha256(to_json(${list([`coalesce(event_ms::VARCHAR, nullif(local_text, ''))`, ...ofReceipt.map(name)])})::VARCHAR || tail) AS digest
  FROM bodies JOIN csv.told USING (file, order_name)
), last AS (
  -- Of several files of one replay the last that has an order counts.
  SELECT *, file = max(file) OVER (PARTITION BY order_name) AS is_last FROM whole
)
SELECT * EXCLUDE (is_last), row_number() OVER (PARTITION BY digest ORDER BY file, first_row, piece) AS nth FROM last WHERE is_last;

CREATE OR REPLACE TABLE csv.found AS
WITH bronze AS (
  SELECT *, try(decode(body)) AS txt FROM lake.bronze_events
), sale AS (
  SELECT reject_reason, enqueued_at, partition_id, sequence, item, txt::JSON AS doc
  FROM bronze WHERE is_json(txt) AND json_type(txt) = 'OBJECT' AND json_extract_string(txt, '$.type') = 'sale'
), told AS (
  SELECT * EXCLUDE (doc), doc->>'$.eventId' AS event_id,
    sha256(to_json(${list([`coalesce(time_ms((doc->'$.eventTime'))::VARCHAR, (doc->>'$.eventTime'))`])} || ${said(ofReceipt, 'doc')})::VARCHAR
      || to_json(list_transform(json_extract(doc, '$.lines[*]'), lambda each: ${said(ofLine, 'each')}))::VARCHAR) AS digest
  FROM sale
)
SELECT *, row_number() OVER (PARTITION BY digest ORDER BY enqueued_at, partition_id, sequence, item) AS nth
FROM (
  SELECT DISTINCT ON (digest, event_id) * FROM told WHERE digest IN (SELECT digest FROM csv.receipt)
  ORDER BY digest, event_id, enqueued_at, partition_id, sequence, item
);
DELETE FROM csv.found WHERE (digest, nth) NOT IN (SELECT (digest, nth) FROM csv.receipt);

-- Goods alone sell, and a negative price is an adjustment. What is not whole pieces counts as one.
CREATE OR REPLACE TABLE csv.line AS
WITH priced AS (
  SELECT date_of(receipt.store_id, receipt.event_ms) AS date, receipt.store_id, "productId" AS product_id, file, order_name, piece,
    (try_cast("quantity" AS DECIMAL(18, 3)) * 1000)::BIGINT AS milli,
    (try_cast("unitPrice" AS DECIMAL(18, 4)) * 10000)::BIGINT AS e4, found.reject_reason
  FROM csv.row JOIN csv.receipt AS receipt USING (file, order_name, piece)
    LEFT JOIN csv.found AS found USING (digest, nth)
)
SELECT * EXCLUDE (milli, e4), CASE WHEN milli % 1000 = 0 THEN milli // 1000 ELSE sign(milli)::BIGINT END AS quantity,
  minor_of(milli::HUGEINT * e4, 7) AS cents
FROM priced LEFT JOIN truth.product_kind USING (product_id) WHERE coalesce(e4 >= 0 AND coalesce(kind, 'goods') = 'goods', true);
CREATE OR REPLACE TABLE csv.place AS SELECT DISTINCT date_of(store_id, event_ms) AS date, store_id FROM csv.receipt;`
}

/** A column as the event is to hold it; constants as they are. */
function cell(field: string, map: CsvMap): string {
  if (!(field in map.columns)) return canonical(field, literal(String(map.constants[field])))
  const text = `nullif(${trimmed(field)}, '')`
  if (numberFields.includes(field)) return canonical(field, plainNumber(text, map))
  return map.wholeNumbers.includes(field) ? `regexp_replace(${text}, '^(-?\\d+)\\.0+$', '\\1')` : text
}

/** A number as shops write it in the plain spelling; what is none stays as it is. */
function plainNumber(text: string, { numbers: { decimal, grouping, signs }, currency }: CsvMap): string {
  const space = spaces
  const sign = `(?:[a-z]{0,3}\\p{Sc}|(?:${[currency, ...signs].map(quoted).join('|')})[.]?)`
  const before = `(?i)^[(]?[${space}+\\x{2212}-]*${sign}?[${space}+\\x{2212}-]*`
  const behind = `(?i)[${space}]*${sign}?[${space}\\x{2212}-]*[)]?$`
  const bare = `regexp_replace(regexp_replace(${text}, ${literal(before)}, ''), ${literal(behind)}, '')`
  const groups =
    grouping === ''
      ? []
      : [...new Set([grouping, ' ', '\\x{a0}', '\\x{2007}', '\\x{2009}', '\\x{202f}', "'", '\\x{2019}'])]
  const whole = [
    '\\d+',
    ...groups.flatMap((mark) => [`\\d{1,3}(?:[${mark}]\\d{3})+`, `\\d{1,2}[${mark}](?:\\d{2}[${mark}])+\\d{3}`]),
  ].join('|')
  const shape = `(?:${whole})?(?:[${decimal}]\\d*)?`
  const isNumber = `regexp_full_match(${bare}, ${literal(shape)}) AND regexp_matches(${bare}, '[0-9]')`
  const minus = `regexp_matches(${text}, '^[(]|^[^0-9]*[\\x{2212}-]|[\\x{2212}-][^0-9]*$')`
  const digits = `replace(regexp_replace(${bare}, '[^0-9${decimal}]', '', 'g'), '${decimal}', '.')`
  return `CASE WHEN ${isNumber} THEN CASE WHEN ${minus} THEN '-' ELSE '' END || ${digits} ELSE ${text} END`
}

/** Spaces, as a class of characters has them. */
const spaces = ' \\x{a0}\\x{2007}\\x{2009}\\x{202f}'

function quoted(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, '[$&]')
}

/** What JavaScript takes for white space. */
const space = [
  9,
  10,
  11,
  12,
  13,
  32,
  160,
  0x1680,
  ...range(0x2000, 0x200a),
  0x2028,
  0x2029,
  0x202f,
  0x205f,
  0x3000,
  0xfeff,
]

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const trimmed = (field: string) =>
  `trim(coalesce(${name(field)}, ''), ${space.map((code) => `chr(${code})`).join(' || ')})`
const localText = trimmed('eventTime')

/** Numbers in one spelling: 6, 6.0 and 06 are the same quantity, and so is what differs beyond nine decimals. */
function canonical(field: string, text: string): string {
  return numberFields.includes(field) ? `coalesce((round(try_cast(${text} AS DOUBLE), 9) + 0)::VARCHAR, ${text})` : text
}

/** A token of a time format: what it looks like, and what DuckDB calls it. */
const timeTokens: Readonly<Record<string, readonly [shape: string, strptime: string]>> = {
  yyyy: ['\\d{4}', '%Y'],
  MM: ['\\d{2}', '%m'],
  M: ['\\d{1,2}', '%-m'],
  dd: ['\\d{2}', '%d'],
  d: ['\\d{1,2}', '%-d'],
  HH: ['\\d{2}', '%H'],
  H: ['\\d{1,2}', '%-H'],
  mm: ['\\d{2}', '%M'],
  ss: ['\\d{2}', '%S'],
}

/** SQL of the local time in `local_text`, null for a text of another shape: strptime alone takes 25 for the year 2025. */
function localTime({ time }: CsvMap): string {
  const [only = ''] = time.formats
  const parts = only.match(/yyyy|MM?|dd?|HH?|mm|ss|[^]/g) ?? []
  const shape = parts.map((part) => timeTokens[part]?.[0] ?? part.replace(/[^A-Za-z0-9 ]/, '[$&]')).join('')
  const format = parts.map((part) => timeTokens[part]?.[1] ?? part.replace('%', '%%')).join('')
  const text = `regexp_replace(local_text, ${literal(`[\\t${spaces}]+`)}, ' ', 'g')`
  return `CASE WHEN regexp_full_match(${text}, ${literal(shape)}) THEN try_strptime(${text}, ${literal(format)}) END`
}

const receiptKey = ['event_time', 'store_id', 'order_id', 'digest']
const dayKey = ['date', 'store_id', 'product_id']
const sums = ['total_qty', 'total_revenue', 'transactions']

/** The same sums from the files: their receipts, and whatever else the hub took for these stores on these days. */
function sumsOfFiles(counted: string): string {
  return `SELECT date, store_id, product_id, sum(quantity)::BIGINT AS total_qty,
      money(sum(cents)::BIGINT) AS total_revenue, sum(transactions)::BIGINT AS transactions
    FROM (
      SELECT date, store_id, product_id, sum(quantity) AS quantity, sum(cents) AS cents, 1 AS transactions
      FROM csv.line WHERE reject_reason IS NULL GROUP BY date, store_id, product_id, file, order_name, piece
      UNION ALL
      SELECT date, store_id, product_id, quantity, cents, receipts FROM truth.part
      WHERE ${counted} AND (date, store_id) IN (SELECT (date, store_id) FROM csv.place)
    ) GROUP BY ALL`
}

const isReplayed = `coalesce(event_id IN (SELECT event_id FROM csv.found), false)`

/** Checks of one source, after its script has run. */
export function csvComparisons(source: string): Readonly<Record<'bronze' | 'silver' | 'gold', Comparison>> {
  const stores = '(date, store_id) IN (SELECT (date, store_id) FROM csv.place)'
  return {
    bronze: {
      name: `csv ${source}`,
      about: 'every receipt of the files is there, with all its lines',
      expected: `SELECT at_ms(event_ms) AS event_time, store_id, order_id, digest, count(*) AS events, sum(lines)::BIGINT AS lines
        FROM csv.receipt GROUP BY ALL`,
      got: `SELECT at_ms(event_ms) AS event_time, store_id, order_id, digest, count(*) AS events, sum(lines)::BIGINT AS lines
        FROM csv.receipt JOIN csv.found USING (digest, nth) GROUP BY ALL`,
      key: receiptKey,
      values: ['events', 'lines'],
    },
    silver: {
      name: `csv ${source}`,
      about: 'sales_1m adds up to the rows of the files, by day, store and product',
      expected: sumsOfFiles(`counts AND (occurrence > 1 OR NOT ${isReplayed})`),
      got: `SELECT date_of(store_id, epoch_ms(window_start)) AS date, store_id, product_id, sum(total_qty)::BIGINT AS total_qty,
          sum(total_revenue) AS total_revenue, sum(transactions)::BIGINT AS transactions
        FROM (FROM lake.sales_1m UNION ALL BY NAME SELECT * EXCLUDE (closed) FROM pg.sales_1m WHERE NOT closed)
        WHERE (date_of(store_id, epoch_ms(window_start)), store_id) IN (SELECT (date, store_id) FROM csv.place) GROUP BY ALL`,
      key: dayKey,
      values: sums,
    },
    gold: {
      name: `csv ${source}`,
      about: 'gold_daily_sales adds up to the rows of the files, by day, store and product',
      expected: `SELECT * FROM (${sumsOfFiles(`first_of_day AND NOT ${isReplayed}`)})
        WHERE date IN (SELECT date FROM lake.gold_daily_sales)`,
      got: `SELECT * FROM lake.gold_daily_sales WHERE ${stores}`,
      key: dayKey,
      values: sums,
    },
  }
}

/** Figures of one source, after its script has run: a query of one row. */
export const csvFigures = `SELECT count(*) AS receipts, sum(lines)::BIGINT AS rows,
  count(*) FILTER (reject_reason IS NOT NULL) AS rejectedReceipts,
  coalesce(sum(lines) FILTER (reject_reason IS NOT NULL), 0)::BIGINT AS rejectedRows,
  (SELECT coalesce(list(date::VARCHAR ORDER BY date), []) FROM (
    SELECT DISTINCT date FROM csv.line WHERE reject_reason IS NULL AND date NOT IN (SELECT date FROM lake.gold_daily_sales)
  )) AS datesNotBatched
  FROM csv.receipt LEFT JOIN csv.found USING (digest, nth)`
