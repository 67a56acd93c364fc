-- Up Migration

CREATE VIEW v_funnel AS
SELECT
  date,
  store_id,
  channel,
  category,
  views,
  add_to_carts,
  checkouts,
  purchases,
  sessions,
  round(100.0 * add_to_carts / nullif(views, 0), 2) AS view_to_cart_pct,
  round(100.0 * checkouts / nullif(add_to_carts, 0), 2) AS cart_to_checkout_pct,
  round(100.0 * purchases / nullif(checkouts, 0), 2) AS checkout_to_purchase_pct,
  round(100.0 * purchases / nullif(views, 0), 2) AS view_to_purchase_pct,
  source
FROM (
  SELECT 'batch' AS source, date, store_id, channel, category, views, add_to_carts, checkouts, purchases, sessions
  FROM gold_daily_funnel AS g
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
  UNION ALL
  SELECT
    'live',
    d.date,
    f.store_id,
    f.channel,
    f.category,
    sum(f.views)::bigint,
    sum(f.add_to_carts)::bigint,
    sum(f.checkouts)::bigint,
    sum(f.purchases)::bigint,
    sketch_estimate(sketch_merge(f.sessions_sketch))
  FROM days_without_batch((SELECT min(window_start) FROM funnel_1m), (SELECT max(window_start) FROM funnel_1m)) AS d
  JOIN funnel_1m AS f ON f.window_start >= d.starts_at AND f.window_start < d.ends_at
  GROUP BY d.date, f.store_id, f.channel, f.category
) AS steps;

COMMENT ON VIEW v_funnel IS 'From looking to buying, day by day, today included: how many get how far, by channel and category.';
COMMENT ON COLUMN v_funnel.date IS 'Day, UTC.';
COMMENT ON COLUMN v_funnel.store_id IS 'Store.';
COMMENT ON COLUMN v_funnel.channel IS 'store, web or app; unknown where the event does not say.';
COMMENT ON COLUMN v_funnel.category IS 'Category of the product; unknown where the event does not say.';
COMMENT ON COLUMN v_funnel.views IS 'Products looked at.';
COMMENT ON COLUMN v_funnel.add_to_carts IS 'Products put into a cart.';
COMMENT ON COLUMN v_funnel.checkouts IS 'Checkouts begun.';
COMMENT ON COLUMN v_funnel.purchases IS 'Sales, once for each category in them.';
COMMENT ON COLUMN v_funnel.sessions IS 'Different visits. Do not add up over categories: one visit sees many.';
COMMENT ON COLUMN v_funnel.view_to_cart_pct IS 'Carts per 100 views; empty without views. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_funnel.cart_to_checkout_pct IS 'Checkouts per 100 products put into carts; empty without any.';
COMMENT ON COLUMN v_funnel.checkout_to_purchase_pct IS 'Purchases per 100 checkouts; empty without checkouts.';
COMMENT ON COLUMN v_funnel.view_to_purchase_pct IS 'Purchases per 100 views; empty without views.';
COMMENT ON COLUMN v_funnel.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

CREATE VIEW v_payments AS
SELECT
  date,
  store_id,
  method,
  sum(payments)::bigint AS payments,
  coalesce(sum(payments) FILTER (WHERE status = 'succeeded'), 0)::bigint AS succeeded,
  coalesce(sum(payments) FILTER (WHERE status = 'failed'), 0)::bigint AS failed,
  round(100.0 * coalesce(sum(payments) FILTER (WHERE status = 'failed'), 0) / nullif(sum(payments), 0), 2) AS failure_pct,
  coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0)::numeric(18,2) AS amount_succeeded,
  coalesce(sum(amount) FILTER (WHERE status = 'failed'), 0)::numeric(18,2) AS amount_failed,
  (array_agg(failure_reason ORDER BY payments DESC, failure_reason) FILTER (WHERE status = 'failed'))[1] AS main_failure_reason,
  source
FROM (
  SELECT 'batch' AS source, date, store_id, method, status, failure_reason, payments, amount
  FROM gold_daily_payments AS g
  WHERE EXISTS (SELECT FROM daily_batch AS b WHERE b.date = g.date AND b.batched_at IS NOT NULL)
  UNION ALL
  SELECT 'live', d.date, p.store_id, p.method, p.status, p.failure_reason, sum(p.payments)::bigint, sum(p.amount)
  FROM days_without_batch((SELECT min(window_start) FROM payments_1m), (SELECT max(window_start) FROM payments_1m)) AS d
  JOIN payments_1m AS p ON p.window_start >= d.starts_at AND p.window_start < d.ends_at
  GROUP BY d.date, p.store_id, p.method, p.status, p.failure_reason
) AS tried
GROUP BY date, store_id, method, source;

COMMENT ON VIEW v_payments IS 'Attempts to pay by store and method, day by day, today included: how many failed, and mostly why.';
COMMENT ON COLUMN v_payments.date IS 'Day, UTC.';
COMMENT ON COLUMN v_payments.store_id IS 'Store.';
COMMENT ON COLUMN v_payments.method IS 'Means of payment, as the provider names it.';
COMMENT ON COLUMN v_payments.payments IS 'Attempts.';
COMMENT ON COLUMN v_payments.succeeded IS 'Attempts that went through.';
COMMENT ON COLUMN v_payments.failed IS 'Attempts that did not.';
COMMENT ON COLUMN v_payments.failure_pct IS 'Failed attempts per 100. Of several rows: divide the sums, do not average.';
COMMENT ON COLUMN v_payments.amount_succeeded IS 'Money paid, refunds subtracted, in the shop currency.';
COMMENT ON COLUMN v_payments.amount_failed IS 'Money that was tried and did not come, in the shop currency.';
COMMENT ON COLUMN v_payments.main_failure_reason IS 'Why most of the failed ones failed, unknown when nobody said; empty when none failed.';
COMMENT ON COLUMN v_payments.source IS 'live: added up from the running day. batch: computed once more from every event, after the day was over.';

CREATE VIEW v_customers AS
SELECT
  customer_id,
  customer_segment,
  spending_segment,
  loyal,
  purchases,
  spend,
  round(spend / nullif(purchases, 0), 2) AS avg_purchase_value,
  first_purchase_at,
  last_purchase_at,
  (SELECT max(date) FROM daily_batch WHERE batched_at IS NOT NULL) - (last_purchase_at AT TIME ZONE 'UTC')::date AS days_since_purchase
FROM gold_customers;

COMMENT ON VIEW v_customers IS 'Customers who gave their number: what they bought over all days, up to the last day the batch computed.';
COMMENT ON COLUMN v_customers.customer_id IS 'Customer as the tills name them.';
COMMENT ON COLUMN v_customers.customer_segment IS 'B2C for private customers, B2B for businesses, unknown where no receipt says.';
COMMENT ON COLUMN v_customers.spending_segment IS 'premium, standard or basic, by spend; the limits are settings.';
COMMENT ON COLUMN v_customers.loyal IS 'True for customers who came back; how often is a setting, twice by default.';
COMMENT ON COLUMN v_customers.purchases IS 'Receipts on which something was bought.';
COMMENT ON COLUMN v_customers.spend IS 'Money paid less money given back, in the shop currency.';
COMMENT ON COLUMN v_customers.avg_purchase_value IS 'Spend per purchase; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.first_purchase_at IS 'When they bought first; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.last_purchase_at IS 'When they bought last; empty for customers who only gave back.';
COMMENT ON COLUMN v_customers.days_since_purchase IS 'Days from the last purchase to the last day the batch computed; empty for customers who only gave back.';

-- Down Migration

DROP VIEW v_customers;
DROP VIEW v_payments;
DROP VIEW v_funnel;
