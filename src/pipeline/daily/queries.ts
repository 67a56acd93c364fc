// Tested in test/pipeline/daily/tables.test.ts.
import { calendarOf } from './event-table'

/*
 * What the queries read. In the day's database: `event`, `day_span` and the views below. In `known`, rows of earlier runs
 * as they are in the lake: gold_stockout, gold_daily_sales, gold_daily_store and gold_daily_customers; and
 * store_calendar, the calendar of each store that has one of its own. Variables: day (midnight of the date as if it were
 * UTC), load_start and load_end (the day by all calendars together), all epoch milliseconds; default_calendar; the
 * thresholds. Money is whole minor units of the currency throughout.
 */

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
