// Tested in test/pipeline/daily/measures.test.ts.
import { sqlText } from '../../lake/duckdb'

/* The day's events in the database of the batch: the table, and what fills it from bronze. Money is whole minor units. */

/** What a receipt comes to; of one that voids another, minus what that one came to. */
const receiptSums = [
  // 1, -1 for a void: counts as receipt, as order, as return.
  ...['receipts', 'orders', 'returns_only'],
  ...['gross', 'discounts', 'returned_value', 'net', 'sold', 'returned', 'write_offs'],
  ...[
    'tax',
    'tax_included',
    'tip',
    'shipping',
    'fees',
    'cards_sold',
    'cards_redeemed',
    'adjustments',
    'adjustment_lines',
  ],
] as const

/** A day's events of every kind that counts, one row each; lines are those of goods. */
export const eventTable = `
  CREATE TABLE event (
    event_id VARCHAR, enqueued_us BIGINT, partition_id INTEGER, sequence BIGINT, item INTEGER,
    type VARCHAR, store_id VARCHAR, at_ms BIGINT,
    region VARCHAR, city VARCHAR, country VARCHAR, channel VARCHAR,
    customer_id VARCHAR, customer_segment VARCHAR, session_id VARCHAR, payment_method VARCHAR,
    paid BIGINT, sign BIGINT, ${receiptSums.map((name) => `${name} BIGINT`).join(', ')},
    lines STRUCT(
      product_id VARCHAR, category VARCHAR, brand VARCHAR, pieces BIGINT, measured BIGINT, gross BIGINT, discount BIGINT,
      net BIGINT, returned BIGINT,
      opens_order BOOLEAN, opens_product BOOLEAN, opens_category BOOLEAN, opens_kind BOOLEAN, opens_bought BOOLEAN)[],
    action VARCHAR, category VARCHAR, method VARCHAR, status VARCHAR, failure_reason VARCHAR
  )`

/** The fields of the wire contract that the queries need, whatever the type; what an event lacks becomes null. */
const wireFields = JSON.stringify({
  region: 'VARCHAR',
  city: 'VARCHAR',
  country: 'VARCHAR',
  channel: 'VARCHAR',
  customerId: 'VARCHAR',
  customerSegment: 'VARCHAR',
  sessionId: 'VARCHAR',
  paymentMethod: 'VARCHAR',
  lines: [
    {
      productId: 'VARCHAR',
      category: 'VARCHAR',
      brand: 'VARCHAR',
      quantity: 'DECIMAL(18,3)',
      unitPrice: 'DECIMAL(18,4)',
      amount: 'DECIMAL(18,4)',
      unit: 'VARCHAR',
      discount: 'DECIMAL(18,4)',
      taxRate: 'DECIMAL(18,4)',
      taxAmount: 'DECIMAL(18,4)',
      kind: 'VARCHAR',
    },
  ],
  discount: 'DECIMAL(18,4)',
  tip: 'DECIMAL(18,4)',
  taxIncluded: 'BOOLEAN',
  voids: 'VARCHAR',
  action: 'VARCHAR',
  category: 'VARCHAR',
  method: 'VARCHAR',
  status: 'VARCHAR',
  failureReason: 'VARCHAR',
  amount: 'DECIMAL(18,4)',
})

/** By which rules a receipt is read. */
export interface ReceiptRules {
  /** Decimals of the currency. */
  readonly minorDigits: number
  /** Kinds of products whose lines say none: `PRODUCT=kind`, several by commas. */
  readonly productKinds: string
}

/*
 * Amounts of the wire are counted in ten-thousandths, quantities in thousandths, and rounded half-even to minor units:
 * whole numbers throughout, and // and % cut towards zero, so the tie goes by the parity of the quotient on either side of
 * it. Averages go half away from zero, as PostgreSQL rounds them.
 */
export function macros({ minorDigits, productKinds }: ReceiptRules): readonly string[] {
  const kinds = productKinds.split(',').flatMap((entry) => {
    const at = entry.lastIndexOf('=')
    const [product, kind] = [entry.slice(0, at).trim(), entry.slice(at + 1).trim()]
    return at < 0 ? [] : [`WHEN ${sqlText(product)} THEN ${sqlText(kind)}`]
  })
  const byProduct = kinds.length === 0 ? 'NULL' : `CASE product ${kinds.join(' ')} END`
  return [
    `CREATE MACRO half_even(n, unit) AS (n // unit + CASE
       WHEN 2 * abs(n % unit) > unit OR (2 * abs(n % unit) = unit AND (n // unit) % 2 <> 0) THEN sign(n) ELSE 0 END)::BIGINT`,
    `CREATE MACRO minor(amount) AS half_even((amount * 10000)::HUGEINT, ${10 ** (4 - minorDigits)}::HUGEINT)`,
    `CREATE MACRO worth(milli, price) AS
       half_even(milli::HUGEINT * (price * 10000)::HUGEINT, ${10 ** (7 - minorDigits)}::HUGEINT)`,
    `CREATE MACRO named_kind(kind, product) AS coalesce(kind, ${byProduct}, 'goods')`,
    `CREATE MACRO kind_of(kind, product, price) AS CASE
       WHEN named_kind(kind, product) = 'goods' AND price < 0 THEN 'adjustment' ELSE named_kind(kind, product) END`,
    // A key of nine labels has to fit PostgreSQL's index entries of 2704 bytes.
    `CREATE MACRO label(txt) AS left(coalesce(txt, 'unknown'), 64)`,
    `CREATE MACRO half_away(n, d) AS (sign(n) * sign(d) * ((2 * abs(n::HUGEINT) + abs(d)) // (2 * abs(d::HUGEINT))))::BIGINT`,
    `CREATE MACRO total(figures) AS coalesce(list_sum(figures), 0)::BIGINT`,
  ]
}

/** The calendar of a row's store; of `calendars`, its own one where it has one. */
export const calendarOf = (calendars: string) => `coalesce(${calendars}.calendar, getvariable('default_calendar'))`

/** A wire line as it is before the discount of the receipt. */
const pricedLine = `{
  'product_id': l.productId, 'category': coalesce(l.category, 'unknown'), 'brand': coalesce(l.brand, 'unknown'),
  'kind': kind_of(l.kind, l.productId, l.unitPrice), 'milli': (l.quantity * 1000)::BIGINT,
  'counted': coalesce(l.unit, 'each') = 'each' AND (l.quantity * 1000)::BIGINT % 1000 = 0,
  'value': CASE WHEN l.amount IS NULL THEN worth((l.quantity * 1000)::BIGINT, l.unitPrice) ELSE minor(l.amount) END,
  'discount': coalesce(minor(l.discount), 0), 'tax_amount': minor(l.taxAmount), 'tax_rate': (l.taxRate * 10000)::BIGINT}`

/*
 * A receipt's discount by largest remainder: each line's proportion cut to a whole number, and what is left one by one to
 * the largest remainders, of equals to the earlier line: to those not behind the last that gets one.
 */
const spreadDiscount = `
  ), weighed AS (
    SELECT *, list_transform(priced, lambda l: CASE
        WHEN l.kind = 'goods' AND (l.value * sign > 0 OR NOT sells) THEN abs(l.value) - l.discount ELSE 0 END::HUGEINT) AS weights
    FROM receipt
  ), shared AS (
    SELECT *, list_sum(weights)::HUGEINT AS weight,
      CASE WHEN off > 0 THEN list_transform(weights, lambda w: off * w // list_sum(weights)::HUGEINT) END AS shares,
      CASE WHEN off > 0 THEN list_sort(list_transform(weights, lambda w, i:
        {'rest': -(off * w % list_sum(weights)::HUGEINT), 'line': i})) END AS rests
    FROM weighed
  ), spread AS (
    SELECT *, off - list_sum(shares)::HUGEINT AS left_over, rests[(off - list_sum(shares)::HUGEINT)::BIGINT] AS last_one FROM shared
  ), taken AS (
    SELECT *, list_transform(priced, lambda l, i: struct_insert(l, off := (l.discount + CASE WHEN off > 0 THEN shares[i] + CASE
      WHEN left_over > 0 AND {'rest': -(off * weights[i] % weight), 'line': i} <= last_one THEN 1 ELSE 0 END ELSE 0 END)::BIGINT))
      AS discounted
    FROM spread`

/**
 * Takes the day's events out of bronze files, each by the calendar of its store; ids in lower case, as they are compared. A
 * field counts only in the type of event that has it: others may carry anything under its name. Of the goods of a receipt,
 * `opens_…` marks the first of its product, category and so on, so that receipts are counted without telling them apart
 * again.
 */
export const loadEvents = (files: string) => `
  INSERT INTO event
  WITH arrived AS (
    SELECT event_id, epoch_us(enqueued_at) AS enqueued_us, partition_id, sequence, item, type, bronze.store_id,
      epoch_ms(event_time) AS at_ms,
      CASE WHEN type IN ('sale', 'payment', 'activity') THEN from_json(decode(body), '${wireFields}') END AS wire
    FROM read_parquet([${files}]) AS bronze
    LEFT JOIN known.store_calendar AS own ON bronze.store_id = own.store_id
    JOIN day_span ON day_span.calendar = ${calendarOf('own')}
      AND epoch_ms(event_time) >= day_start AND epoch_ms(event_time) < day_end
    WHERE event_time >= epoch_ms(getvariable('load_start'))::TIMESTAMPTZ
      AND event_time < epoch_ms(getvariable('load_end'))::TIMESTAMPTZ AND type <> 'pulse'
  ), read AS (
    SELECT *, CASE WHEN wire.voids IS NULL THEN 1 ELSE -1 END AS sign, coalesce(wire.taxIncluded, false) AS tax_in,
      CASE WHEN type = 'sale' THEN list_transform(wire.lines, lambda l: ${pricedLine}) END AS priced
    FROM arrived
  ), receipt AS (
    SELECT *, len(list_filter(priced, lambda l: l.kind = 'goods' AND l.value * sign > 0)) > 0 AS sells,
      (coalesce(minor(wire.discount), 0) + total(list_transform(list_filter(priced, lambda l: l.kind = 'discount'),
        lambda l: abs(l.value))))::HUGEINT AS off
    FROM read
  ${spreadDiscount}
  ), priced_out AS (
    SELECT *, list_transform(discounted, lambda l: struct_insert(l, net := l.value - sign(l.value) * l.off,
      pieces := CASE WHEN l.counted THEN l.milli // 1000 ELSE sign(l.milli) END)) AS netted
    FROM taken
  ), taxed AS (
    SELECT *, list_transform(netted, lambda l: CASE WHEN l.kind NOT IN ('goods', 'shipping', 'fee') THEN 0
        WHEN l.tax_amount IS NOT NULL THEN l.tax_amount
        ELSE coalesce(half_even(l.net::HUGEINT * l.tax_rate, 10000::HUGEINT + CASE WHEN tax_in THEN l.tax_rate ELSE 0 END), 0)
        END) AS taxes,
      list_filter(netted, lambda l: l.kind = 'goods') AS goods
    FROM priced_out
  ), summed AS (
    SELECT *, total(taxes) AS tax, total(list_transform(goods, lambda l: l.net)) AS net,
      total(list_transform(list_filter(netted, lambda l: l.kind = 'shipping'), lambda l: l.net)) AS shipping,
      total(list_transform(list_filter(netted, lambda l: l.kind = 'fee'), lambda l: l.net)) AS fees,
      coalesce(minor(wire.tip), 0) AS tip,
      list_filter(netted, lambda l: l.kind = 'adjustment') AS adjusted,
      list_transform(goods, lambda l: l.product_id) AS products,
      list_transform(goods, lambda l: l.category) AS categories,
      list_transform(goods, lambda l: {'category': label(l.category), 'brand': label(l.brand)}) AS kinds,
      list_transform(goods, lambda l: CASE WHEN l.pieces * sign > 0 THEN l.category END) AS bought,
      list_position(list_transform(goods, lambda l: l.value * sign > 0), true) AS first_sold
    FROM taxed
  )
  SELECT lower(event_id), enqueued_us, partition_id, sequence, item, type, store_id, at_ms,
    wire.region, wire.city, wire.country, wire.channel, wire.customerId, wire.customerSegment, wire.sessionId,
    CASE WHEN type = 'sale' THEN wire.paymentMethod END,
    CASE WHEN type = 'payment' THEN minor(wire.amount) END, sign,
    CASE WHEN len(adjusted) < len(netted) THEN sign ELSE 0 END,
    CASE WHEN sells THEN sign ELSE 0 END,
    CASE WHEN NOT sells AND len(list_filter(goods, lambda l: l.value <> 0)) > 0 THEN sign ELSE 0 END,
    total(list_transform(goods, lambda l: CASE WHEN l.value * sign > 0 THEN l.value ELSE 0 END)),
    total(list_transform(goods, lambda l: CASE WHEN l.value * sign > 0 THEN sign * l.off ELSE 0 END)),
    total(list_transform(goods, lambda l: CASE WHEN l.value * sign < 0 THEN -l.net ELSE 0 END)),
    net,
    total(list_transform(goods, lambda l: CASE WHEN l.pieces * sign > 0 THEN l.pieces ELSE 0 END)),
    total(list_transform(goods, lambda l: CASE WHEN l.pieces * sign < 0 THEN -l.pieces ELSE 0 END)),
    total(list_transform(goods, lambda l: CASE WHEN l.value = 0 THEN sign * abs(l.pieces) ELSE 0 END)),
    tax, CASE WHEN tax_in THEN tax ELSE 0 END, tip, shipping, fees,
    total(list_transform(list_filter(netted, lambda l: l.kind = 'gift_card'), lambda l: l.net)),
    CASE WHEN type = 'sale' AND wire.paymentMethod = 'gift_card'
      THEN net + shipping + fees + CASE WHEN tax_in THEN 0 ELSE tax END + tip ELSE 0 END,
    total(list_transform(adjusted, lambda l: l.net)), coalesce(sign * len(adjusted), 0),
    list_transform(goods, lambda l, i: {
      'product_id': l.product_id, 'category': l.category, 'brand': l.brand, 'pieces': l.pieces,
      'measured': CASE WHEN l.counted THEN 0 ELSE l.milli END,
      'gross': CASE WHEN l.value * sign > 0 THEN l.value ELSE 0 END,
      'discount': CASE WHEN l.value * sign > 0 THEN sign * l.off ELSE 0 END,
      'net': l.net, 'returned': CASE WHEN l.pieces * sign < 0 THEN -l.pieces ELSE 0 END,
      'opens_order': coalesce(first_sold = i, false),
      'opens_product': list_position(products, l.product_id) = i,
      'opens_category': list_position(categories, l.category) = i,
      'opens_kind': list_position(kinds, {'category': label(l.category), 'brand': label(l.brand)}) = i,
      'opens_bought': l.pieces * sign > 0 AND list_position(bought, l.category) = i}),
    CASE WHEN type = 'activity' THEN wire.action END, CASE WHEN type = 'activity' THEN wire.category END,
    CASE WHEN type = 'payment' THEN wire.method END, CASE WHEN type = 'payment' THEN wire.status END,
    CASE WHEN type = 'payment' THEN wire.failureReason END
  FROM summed`

/** Removes later arrivals of an id of a store, of a share of the ids. */
export const dropDuplicates = `
  DELETE FROM event WHERE rowid IN (
    SELECT rowid FROM event
    WHERE mine(event_id) AND (store_id, event_id) IN (
      SELECT (store_id, event_id) FROM event WHERE mine(event_id) GROUP BY store_id, event_id HAVING count(*) > 1)
    QUALIFY row_number() OVER (PARTITION BY store_id, event_id ORDER BY enqueued_us, partition_id, sequence, item) > 1)`
