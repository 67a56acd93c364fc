// Tested in test/pipeline/daily/tables.test.ts.
import { sqlText } from '../../lake/duckdb'

/*
 * What the queries read. In the day's database: `event`, `day_span` and the views below. In `known`, rows of earlier runs
 * as they are in the lake: gold_stockout, gold_daily_sales, gold_daily_store and gold_daily_customers; and
 * store_calendar, the calendar of each store that has one of its own. Variables: day (midnight of the date as if it were
 * UTC), load_start and load_end (the day by all calendars together), all epoch milliseconds; default_calendar; the
 * thresholds. Money is whole minor units of the currency throughout.
 */

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
const calendarOf = (calendars: string) => `coalesce(${calendars}.calendar, getvariable('default_calendar'))`

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

export const views = [
  `CREATE VIEW sale AS SELECT * FROM event WHERE type = 'sale'`,
  `CREATE VIEW line AS
   SELECT store_id, region, city, country, channel, payment_method, customer_segment, session_id, sign,
     unnest(lines, recursive := true) FROM sale`,
  `CREATE TABLE step (store_id VARCHAR, channel VARCHAR, category VARCHAR, action VARCHAR, session_id VARCHAR, steps BIGINT)`,
  `CREATE TABLE day_span (calendar VARCHAR, day_start BIGINT, day_end BIGINT)`,
]

/*
 * What a query holds in memory grows with the groups it makes, and DuckDB does not get all of them onto disk in time. So such queries are run once for each of several shares of them, and take `mine` only, which nulls never are.
 */
export const shareMacro = `CREATE MACRO mine(id) AS id IS NOT NULL AND hash(id) % getvariable('shares') = getvariable('share')`

/** What comes after all events are there, before the tables. */
export const preparations = [
  // A purchase ends a way through web shop or app; what is brought back does not.
  `INSERT INTO step
   SELECT store_id, coalesce(channel, 'unknown') AS channel, coalesce(category, 'unknown') AS category, action, session_id, 1
   FROM event WHERE type = 'activity'`,
  `INSERT INTO step
   SELECT store_id, coalesce(channel, 'unknown'), category, 'purchase', session_id, sign
   FROM line WHERE opens_bought AND (session_id IS NOT NULL OR channel IN ('web', 'app'))`,
]

/** What other queries count with; shares of it are made one at a time and stand beside each other. */
export const tallies = {
  sold_tally: `
    SELECT store_id, 'product' AS kind, product_id AS name, category,
      sum(pieces) AS qty, sum(net) AS revenue, sum(sign) FILTER (opens_product) AS receipts
    FROM line WHERE mine(concat(store_id, product_id)) GROUP BY ALL
    UNION ALL
    SELECT store_id, 'category', category, category, sum(pieces), sum(net), sum(sign) FILTER (opens_category)
    FROM line WHERE mine(concat(store_id, category)) GROUP BY ALL`,
  customer_tally: `
    SELECT store_id, count(*) AS customers
    FROM (SELECT DISTINCT store_id, customer_id FROM sale WHERE mine(customer_id)) GROUP BY ALL`,
  session_tally: `
    SELECT store_id, channel, category, count(*) AS sessions
    FROM (SELECT DISTINCT store_id, channel, category, session_id FROM step WHERE mine(session_id)) GROUP BY ALL`,
} as const

/** What the newest of a group's sales that say something say. */
const newest = (column: string) => `coalesce(
  arg_max(${column}, (at_ms, partition_id, sequence, item)) FILTER (${column} IS NOT NULL), 'unknown') AS ${column}`

const dailySales = `
  SELECT store_id, product_id, sum(pieces)::BIGINT AS total_qty, sum(net)::BIGINT AS total_revenue,
    (sum(sign) FILTER (opens_product))::BIGINT AS transactions, sum(gross)::BIGINT AS gross_sales,
    sum(discount)::BIGINT AS discounts, sum(returned)::BIGINT AS units_returned, sum(measured)::BIGINT AS measured_qty
  FROM line WHERE mine(concat(store_id, product_id)) GROUP BY ALL`

const dailyStore = `
  WITH customers AS (
    SELECT store_id, sum(customers)::BIGINT AS unique_customers FROM customer_tally GROUP BY ALL
  )
  SELECT store_id, ${newest('region')}, ${newest('city')}, ${newest('country')},
    sum(receipts)::BIGINT AS total_transactions, sum(net)::BIGINT AS total_revenue,
    coalesce(half_away(sum(net), nullif(sum(receipts), 0)), 0) AS avg_transaction_value,
    sum(sold)::BIGINT AS units_sold, sum(returned)::BIGINT AS units_returned,
    coalesce(any_value(unique_customers), 0) AS unique_customers,
    sum(orders)::BIGINT AS orders, sum(returns_only)::BIGINT AS return_receipts,
    sum(gross)::BIGINT AS gross_sales, sum(discounts)::BIGINT AS discounts, sum(returned_value)::BIGINT AS returns,
    sum(net)::BIGINT AS net_sales, coalesce(sum(net) FILTER (orders <> 0), 0)::BIGINT AS order_revenue,
    half_away(coalesce(sum(net) FILTER (orders <> 0), 0), nullif(sum(orders), 0)) AS avg_order_value,
    sum(write_offs)::BIGINT AS write_offs, sum(tax)::BIGINT AS tax, sum(tax_included)::BIGINT AS tax_included,
    sum(tip)::BIGINT AS tips, sum(shipping)::BIGINT AS shipping, sum(fees)::BIGINT AS fees,
    sum(cards_sold)::BIGINT AS gift_cards_sold, sum(cards_redeemed)::BIGINT AS gift_cards_redeemed,
    sum(adjustments)::BIGINT AS adjustments, sum(adjustment_lines)::BIGINT AS adjustment_lines
  FROM sale LEFT JOIN customers USING (store_id) GROUP BY store_id`

const dailyMix = `
  SELECT store_id, label(region) AS region, label(city) AS city, label(country) AS country,
    coalesce(channel, 'unknown') AS channel, payment_method, label(category) AS category, label(brand) AS brand,
    coalesce(customer_segment, 'unknown') AS customer_segment,
    sum(pieces)::BIGINT AS total_qty, sum(net)::BIGINT AS total_revenue,
    coalesce(sum(sign) FILTER (opens_kind), 0)::BIGINT AS transactions,
    coalesce(sum(sign) FILTER (opens_order), 0)::BIGINT AS orders
  FROM line WHERE mine(concat(store_id, category, brand)) GROUP BY ALL`

const dailyFunnel = `
  WITH visits AS (
    SELECT store_id, channel, category, sum(sessions)::BIGINT AS sessions FROM session_tally GROUP BY ALL
  )
  SELECT store_id, channel, category,
    count(*) FILTER (action = 'view') AS views, count(*) FILTER (action = 'add_to_cart') AS add_to_carts,
    count(*) FILTER (action = 'checkout') AS checkouts, coalesce(sum(steps) FILTER (action = 'purchase'), 0)::BIGINT AS purchases,
    coalesce(any_value(sessions), 0) AS sessions
  FROM step LEFT JOIN visits USING (store_id, channel, category) GROUP BY store_id, channel, category`

const dailyPayments = `
  SELECT store_id, method, status,
    CASE status WHEN 'succeeded' THEN 'none' ELSE coalesce(failure_reason, 'unknown') END AS failure_reason,
    count(*) AS payments, sum(paid)::BIGINT AS amount
  FROM event WHERE type = 'payment' GROUP BY ALL`

const topProducts = `
  WITH everywhere AS (
    SELECT * FROM sold_tally
    UNION ALL
    SELECT '', kind, name, category, sum(qty), sum(revenue), sum(receipts) FROM sold_tally GROUP BY ALL
  ), named AS (
    SELECT store_id, kind, name, arg_min(category, (-revenue, category)) AS category,
      sum(qty)::BIGINT AS total_qty, sum(revenue)::BIGINT AS total_revenue, sum(receipts)::BIGINT AS transactions
    FROM everywhere GROUP BY store_id, kind, name
  )
  SELECT store_id, kind, row_number() OVER (PARTITION BY store_id, kind ORDER BY total_revenue DESC, name) AS rank,
    name, category, total_qty, total_revenue, transactions
  FROM named QUALIFY rank <= getvariable('top_products')`

const dailyCustomers = `
  SELECT customer_id, ${newest('customer_segment')}, sum(orders)::BIGINT AS purchases,
    sum(net)::BIGINT AS spend, min(at_ms) FILTER (orders > 0) AS first_purchase_at,
    max(at_ms) FILTER (orders > 0) AS last_purchase_at
  FROM sale WHERE mine(customer_id) GROUP BY customer_id`

/**
 * Alerts that are open at some time of a day of their store, with the part of it they take; `days` is a relation with
 * calendar, day_start and day_end.
 */
export const alertsOf = (days: string, columns = '') => `
  SELECT day.*, alert.store_id, product_id, greatest(opened_at, day_start) AS from_ms,
    least(coalesce(resolved_at, day_end), day_end) AS to_ms
  FROM (SELECT store_id, product_id, opened_at, max(resolved_at) AS resolved_at FROM known.gold_stockout GROUP BY ALL) AS alert
  LEFT JOIN known.store_calendar AS own ON alert.store_id = own.store_id
  JOIN ${days} AS day${columns} ON day.calendar = ${calendarOf('own')}
    AND opened_at < day_end AND (opened_at >= day_start OR coalesce(resolved_at, day_end) > day_start)`

/*
 * Pieces not sold = receipts of the store during the outage × pieces of the product per receipt of the store, the
 * latter over the 28 days that end with this one: the share of receipts that hold the product × pieces in such a one,
 * where the number of such receipts cancels out. At the average price, that is receipts × revenue per receipt. How many
 * receipts a store has before an instant is told by the minutes before its own, and within it one by one.
 */
const stockoutDaily = `
  WITH outage AS (${alertsOf('day_span')}),
  edge AS (
    SELECT store_id, from_ms AS edge_ms, from_ms // 60000 AS minute FROM outage
    UNION SELECT store_id, to_ms, to_ms // 60000 FROM outage
  ), traffic AS (
    SELECT store_id, at_ms // 60000 AS minute, sum(sum(receipts)) OVER (PARTITION BY store_id ORDER BY at_ms // 60000) AS receipts
    FROM sale WHERE store_id IN (SELECT store_id FROM outage) GROUP BY store_id, at_ms // 60000
  ), since_minute AS (
    SELECT edge.store_id, edge_ms, sum(receipts) AS receipts
    FROM sale JOIN edge ON sale.store_id = edge.store_id AND at_ms // 60000 = minute AND at_ms < edge_ms GROUP BY ALL
  ), reached AS (
    SELECT edge.store_id, edge.edge_ms, coalesce(traffic.receipts, 0) + coalesce(since_minute.receipts, 0) AS receipts
    FROM edge ASOF LEFT JOIN traffic ON edge.store_id = traffic.store_id AND edge.minute > traffic.minute
    LEFT JOIN since_minute ON edge.store_id = since_minute.store_id AND edge.edge_ms = since_minute.edge_ms
  ), missed AS (
    SELECT outage.store_id, outage.product_id, to_ms - from_ms AS out_ms, until.receipts - before.receipts AS receipts
    FROM outage JOIN reached AS until ON outage.store_id = until.store_id AND to_ms = until.edge_ms
    JOIN reached AS before ON outage.store_id = before.store_id AND from_ms = before.edge_ms
  ), shelf AS (
    SELECT store_id, product_id, count(*) AS alerts, sum(out_ms) AS out_ms, sum(receipts) AS receipts
    FROM missed GROUP BY ALL
  ), trailing_product AS (
    SELECT store_id, product_id, sum(total_qty) AS qty, sum(total_revenue) AS revenue FROM (
      SELECT store_id, product_id, total_qty, total_revenue FROM gold_daily_sales
      UNION ALL SELECT store_id, product_id, total_qty, total_revenue FROM known.gold_daily_sales
    ) SEMI JOIN shelf USING (store_id, product_id) GROUP BY ALL
  ), trailing_store AS (
    SELECT store_id, sum(total_transactions) AS receipts FROM (
      SELECT store_id, total_transactions FROM gold_daily_store
      UNION ALL SELECT store_id, total_transactions FROM known.gold_daily_store
    ) GROUP BY ALL
  )
  SELECT shelf.store_id, shelf.product_id, shelf.alerts, half_away(shelf.out_ms, 36000) AS hours_out,
    coalesce(half_away(shelf.receipts * greatest(qty, 0) * 100, trailing_store.receipts), 0) AS lost_units,
    CASE WHEN qty > 0
      THEN coalesce(half_away(shelf.receipts * greatest(revenue, 0), trailing_store.receipts), 0) ELSE 0 END
      AS lost_revenue
  FROM shelf LEFT JOIN trailing_product USING (store_id, product_id)
  LEFT JOIN trailing_store ON shelf.store_id = trailing_store.store_id`

const customers = `
  WITH days AS (
    SELECT getvariable('day') AS day, * FROM gold_daily_customers
    UNION ALL BY NAME
    SELECT epoch_ms(date::TIMESTAMP) AS day, * EXCLUDE (file, date) FROM known.gold_daily_customers
  ), totals AS (
    SELECT customer_id,
      coalesce(arg_max(customer_segment, day) FILTER (customer_segment <> 'unknown'), 'unknown') AS customer_segment,
      sum(purchases)::BIGINT AS purchases, sum(spend)::BIGINT AS spend,
      min(first_purchase_at) AS first_purchase_at, max(last_purchase_at) AS last_purchase_at
    FROM days WHERE mine(customer_id) GROUP BY customer_id
  )
  SELECT *, purchases >= getvariable('loyal_purchases') AS loyal,
    CASE WHEN spend * getvariable('spend_scale') >= getvariable('premium_spend') * 10000 THEN 'premium'
      WHEN spend * getvariable('spend_scale') >= getvariable('standard_spend') * 10000 THEN 'standard' ELSE 'basic' END AS spending_segment
  FROM totals`

/** What fills each table; names of columns are the table's. */
export const queries = {
  gold_daily_sales: dailySales,
  gold_daily_store: dailyStore,
  gold_daily_mix: dailyMix,
  gold_daily_funnel: dailyFunnel,
  gold_daily_payments: dailyPayments,
  gold_top_products: topProducts,
  gold_daily_customers: dailyCustomers,
  gold_stockout_daily: stockoutDaily,
  gold_customers: customers,
} as const
