// Tested in test/pipeline/daily/tables.test.ts.
/*
 * What the queries read. In the day's database: `event` and the views below. In `known`, rows of earlier runs as
 * they are in the lake: gold_stockout, gold_daily_sales, gold_daily_store and gold_daily_customers. Variables:
 * day_start and day_end (epoch milliseconds), the thresholds. Money is whole cents throughout.
 */

/** A day's events of every kind that counts, one row each. */
export const eventTable = `
  CREATE TABLE event (
    event_id VARCHAR, enqueued_us BIGINT, partition_id INTEGER, sequence BIGINT, item INTEGER,
    type VARCHAR, store_id VARCHAR, at_ms BIGINT,
    region VARCHAR, city VARCHAR, country VARCHAR, channel VARCHAR,
    customer_id VARCHAR, customer_segment VARCHAR, session_id VARCHAR, payment_method VARCHAR,
    cents BIGINT, sold BIGINT, returned BIGINT,
    lines STRUCT(
      product_id VARCHAR, category VARCHAR, brand VARCHAR, quantity BIGINT, cents BIGINT,
      opens_receipt BOOLEAN, opens_product BOOLEAN, opens_category BOOLEAN, opens_kind BOOLEAN, opens_bought BOOLEAN)[],
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
      quantity: 'BIGINT',
      unitPrice: 'DECIMAL(18,4)',
    },
  ],
  action: 'VARCHAR',
  category: 'VARCHAR',
  method: 'VARCHAR',
  status: 'VARCHAR',
  failureReason: 'VARCHAR',
  amount: 'DECIMAL(18,4)',
})

/*
 * A line's amount is quantity × price in ten-thousandths, half-even to cents: whole numbers throughout, and // and %
 * cut towards zero, so the tie goes by the parity of the quotient on either side of it. Averages go half away from zero,
 * as PostgreSQL rounds them.
 */
export const macros = [
  `CREATE MACRO half_even(e4) AS e4 // 100 + CASE
     WHEN abs(e4 % 100) > 50 OR (abs(e4 % 100) = 50 AND (e4 // 100) % 2 <> 0) THEN sign(e4) ELSE 0 END`,
  // A key of nine labels has to fit PostgreSQL's index entries of 2704 bytes.
  `CREATE MACRO label(txt) AS left(coalesce(txt, 'unknown'), 64)`,
  `CREATE MACRO half_away(n, d) AS (sign(n) * ((2 * abs(n::HUGEINT) + d) // (2 * d::HUGEINT)))::BIGINT`,
]

/**
 * Takes the day's events out of bronze files; ids in lower case, as they are compared. A field counts only in the type of event that has it: others may carry
 * anything under its name. Of the lines of a receipt, `opens_…` marks the first of its product, category and so on, so
 * that receipts are counted without telling them apart again.
 */
export const loadEvents = (files: string) => `
  INSERT INTO event
  WITH arrived AS (
    SELECT event_id, epoch_us(enqueued_at) AS enqueued_us, partition_id, sequence, item, type, store_id,
      epoch_ms(event_time) AS at_ms,
      CASE WHEN type IN ('sale', 'payment', 'activity') THEN from_json(decode(body), '${wireFields}') END AS wire
    FROM read_parquet([${files}])
    WHERE event_time >= epoch_ms(getvariable('day_start'))::TIMESTAMPTZ
      AND event_time < epoch_ms(getvariable('day_end'))::TIMESTAMPTZ AND type <> 'pulse'
  ), typed AS (
    SELECT * EXCLUDE (wire), wire,
      CASE WHEN type = 'sale' THEN list_transform(wire.lines, lambda l: {
        'product_id': l.productId, 'category': coalesce(l.category, 'unknown'), 'brand': coalesce(l.brand, 'unknown'),
        'quantity': l.quantity, 'cents': half_even(l.quantity * (l.unitPrice * 10000)::BIGINT)::BIGINT}) END AS lines
    FROM arrived
  ), listed AS (
    SELECT *, list_transform(lines, lambda l: l.product_id) AS products,
      list_transform(lines, lambda l: l.category) AS categories,
      list_transform(lines, lambda l: {'category': label(l.category), 'brand': label(l.brand)}) AS kinds,
      list_transform(lines, lambda l: CASE WHEN l.quantity > 0 THEN l.category END) AS bought
    FROM typed
  )
  SELECT lower(event_id), enqueued_us, partition_id, sequence, item, type, store_id, at_ms,
    wire.region, wire.city, wire.country, wire.channel, wire.customerId, wire.customerSegment, wire.sessionId,
    CASE WHEN type = 'sale' THEN wire.paymentMethod END,
    CASE type WHEN 'sale' THEN list_sum(list_transform(lines, lambda l: l.cents))
      WHEN 'payment' THEN half_even((wire.amount * 10000)::BIGINT) END::BIGINT,
    list_sum(list_transform(lines, lambda l: greatest(l.quantity, 0)))::BIGINT,
    list_sum(list_transform(lines, lambda l: greatest(-l.quantity, 0)))::BIGINT,
    list_transform(lines, lambda l, i: {
      'product_id': l.product_id, 'category': l.category, 'brand': l.brand, 'quantity': l.quantity, 'cents': l.cents,
      'opens_receipt': i = 1,
      'opens_product': list_position(products, l.product_id) = i,
      'opens_category': list_position(categories, l.category) = i,
      'opens_kind': list_position(kinds, {'category': label(l.category), 'brand': label(l.brand)}) = i,
      'opens_bought': l.quantity > 0 AND list_position(bought, l.category) = i}),
    CASE WHEN type = 'activity' THEN wire.action END, CASE WHEN type = 'activity' THEN wire.category END,
    CASE WHEN type = 'payment' THEN wire.method END, CASE WHEN type = 'payment' THEN wire.status END,
    CASE WHEN type = 'payment' THEN wire.failureReason END
  FROM listed`

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
   SELECT store_id, region, city, country, channel, payment_method, customer_segment, session_id,
     unnest(lines, recursive := true) FROM sale`,
  `CREATE TABLE step (store_id VARCHAR, channel VARCHAR, category VARCHAR, action VARCHAR, session_id VARCHAR)`,
]

/*
 * What a query holds in memory grows with the groups it makes, and DuckDB does not get all of them onto disk in time. So such queries are run once for each of several shares of them, and take `mine` only, which nulls never are.
 */
export const shareMacro = `CREATE MACRO mine(id) AS id IS NOT NULL AND hash(id) % getvariable('shares') = getvariable('share')`

/** What comes after all events are there, before the tables. */
export const preparations = [
  // A purchase ends a way through web shop or app; what is brought back does not.
  `INSERT INTO step
   SELECT store_id, coalesce(channel, 'unknown') AS channel, coalesce(category, 'unknown') AS category, action, session_id
   FROM event WHERE type = 'activity'`,
  `INSERT INTO step
   SELECT store_id, coalesce(channel, 'unknown'), category, 'purchase', session_id
   FROM line WHERE opens_bought AND (session_id IS NOT NULL OR channel IN ('web', 'app'))`,
]

/** What other queries count with; shares of it are made one at a time and stand beside each other. */
export const tallies = {
  sold_tally: `
    SELECT store_id, 'product' AS kind, product_id AS name, category,
      sum(quantity) AS qty, sum(cents) AS revenue, count(*) FILTER (opens_product) AS receipts
    FROM line WHERE mine(concat(store_id, product_id)) GROUP BY ALL
    UNION ALL
    SELECT store_id, 'category', category, category, sum(quantity), sum(cents), count(*) FILTER (opens_category)
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
  SELECT store_id, product_id, sum(quantity)::BIGINT AS total_qty, sum(cents)::BIGINT AS total_revenue,
    count(*) FILTER (opens_product) AS transactions
  FROM line WHERE mine(concat(store_id, product_id)) GROUP BY ALL`

const dailyStore = `
  WITH customers AS (
    SELECT store_id, sum(customers)::BIGINT AS unique_customers FROM customer_tally GROUP BY ALL
  )
  SELECT store_id, ${newest('region')}, ${newest('city')}, ${newest('country')},
    count(*) AS total_transactions, sum(cents)::BIGINT AS total_revenue,
    half_away(sum(cents), count(*)) AS avg_transaction_value,
    sum(sold)::BIGINT AS units_sold, sum(returned)::BIGINT AS units_returned,
    coalesce(any_value(unique_customers), 0) AS unique_customers
  FROM sale LEFT JOIN customers USING (store_id) GROUP BY store_id`

const dailyMix = `
  SELECT store_id, label(region) AS region, label(city) AS city, label(country) AS country,
    coalesce(channel, 'unknown') AS channel, payment_method, label(category) AS category, label(brand) AS brand,
    coalesce(customer_segment, 'unknown') AS customer_segment,
    sum(quantity)::BIGINT AS total_qty, sum(cents)::BIGINT AS total_revenue,
    count(*) FILTER (opens_kind) AS transactions, count(*) FILTER (opens_receipt) AS orders
  FROM line WHERE mine(concat(store_id, category, brand)) GROUP BY ALL`

const dailyFunnel = `
  WITH visits AS (
    SELECT store_id, channel, category, sum(sessions)::BIGINT AS sessions FROM session_tally GROUP BY ALL
  )
  SELECT store_id, channel, category,
    count(*) FILTER (action = 'view') AS views, count(*) FILTER (action = 'add_to_cart') AS add_to_carts,
    count(*) FILTER (action = 'checkout') AS checkouts, count(*) FILTER (action = 'purchase') AS purchases,
    coalesce(any_value(sessions), 0) AS sessions
  FROM step LEFT JOIN visits USING (store_id, channel, category) GROUP BY store_id, channel, category`

const dailyPayments = `
  SELECT store_id, method, status,
    CASE status WHEN 'succeeded' THEN 'none' ELSE coalesce(failure_reason, 'unknown') END AS failure_reason,
    count(*) AS payments, sum(cents)::BIGINT AS amount
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
  SELECT customer_id, ${newest('customer_segment')}, count(*) FILTER (sold > 0) AS purchases,
    sum(cents)::BIGINT AS spend, min(at_ms) FILTER (sold > 0) AS first_purchase_at,
    max(at_ms) FILTER (sold > 0) AS last_purchase_at
  FROM sale WHERE mine(customer_id) GROUP BY customer_id`

/** Alerts that are open at some time of a day, with the part of it they take; days come with day_start and day_end. */
export const alertsOf = (days: string, columns = '') => `
  SELECT day.*, store_id, product_id, greatest(opened_at, day_start) AS from_ms,
    least(coalesce(resolved_at, day_end), day_end) AS to_ms
  FROM (SELECT store_id, product_id, opened_at, max(resolved_at) AS resolved_at FROM known.gold_stockout GROUP BY ALL)
  JOIN ${days} AS day${columns} ON opened_at < day_end AND (opened_at >= day_start OR coalesce(resolved_at, day_end) > day_start)`

/** The day that is being made. */
const thisDay = `(SELECT getvariable('day_start') AS day_start, getvariable('day_end') AS day_end)`

/*
 * Pieces not sold = receipts of the store during the outage × pieces of the product per receipt of the store, the
 * latter over the 28 days that end with this one: the share of receipts that hold the product × pieces in such a one,
 * where the number of such receipts cancels out. At the average price, that is receipts × revenue per receipt. How many
 * receipts a store has before an instant is told by the minutes before its own, and within it one by one.
 */
const stockoutDaily = `
  WITH outage AS (${alertsOf(thisDay)}),
  edge AS (
    SELECT store_id, from_ms AS edge_ms, from_ms // 60000 AS minute FROM outage
    UNION SELECT store_id, to_ms, to_ms // 60000 FROM outage
  ), traffic AS (
    SELECT store_id, at_ms // 60000 AS minute, sum(count(*)) OVER (PARTITION BY store_id ORDER BY at_ms // 60000) AS receipts
    FROM sale WHERE store_id IN (SELECT store_id FROM outage) GROUP BY store_id, at_ms // 60000
  ), since_minute AS (
    SELECT edge.store_id, edge_ms, count(*) AS receipts
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
    SELECT getvariable('day_start') AS day, * FROM gold_daily_customers
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
    CASE WHEN spend >= getvariable('premium_spend') THEN 'premium'
      WHEN spend >= getvariable('standard_spend') THEN 'standard' ELSE 'basic' END AS spending_segment
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
