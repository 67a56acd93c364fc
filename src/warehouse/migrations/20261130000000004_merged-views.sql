-- Up Migration

-- One row for each key, whatever partitions its events came from. Sums of money are never rounded.
CREATE VIEW sales_1m_merged AS
SELECT
  window_start,
  store_id,
  product_id,
  sum(total_qty)::bigint AS total_qty,
  sum(total_revenue) AS total_revenue,
  sum(transactions)::bigint AS transactions,
  bool_and(closed) AS closed,
  count(*) AS partitions,
  sum(gross_sales) AS gross_sales,
  sum(discounts) AS discounts,
  sum(units_returned)::bigint AS units_returned,
  sum(measured_qty) AS measured_qty
FROM sales_1m
GROUP BY window_start, store_id, product_id;

CREATE VIEW store_1m_merged AS
SELECT
  window_start,
  store_id,
  sum(total_transactions)::bigint AS total_transactions,
  sum(total_revenue) AS total_revenue,
  round(sum(total_revenue) / nullif(sum(total_transactions), 0), (SELECT minor_digits())) AS avg_transaction_value,
  sketch_estimate(sketch_merge(unique_customers_sketch)) AS unique_customers,
  sketch_merge(unique_customers_sketch) AS unique_customers_sketch,
  bool_and(closed) AS closed,
  count(*) AS partitions,
  sum(orders)::bigint AS orders,
  sum(return_receipts)::bigint AS return_receipts,
  sum(gross_sales) AS gross_sales,
  sum(discounts) AS discounts,
  sum(returns) AS returns,
  sum(order_revenue) AS order_revenue,
  round(sum(order_revenue) / nullif(sum(orders), 0), (SELECT minor_digits())) AS avg_order_value,
  sum(units_sold)::bigint AS units_sold,
  sum(units_returned)::bigint AS units_returned,
  sum(write_offs)::bigint AS write_offs,
  sum(tax) AS tax,
  sum(tax_included) AS tax_included,
  sum(tips) AS tips,
  sum(shipping) AS shipping,
  sum(fees) AS fees,
  sum(gift_cards_sold) AS gift_cards_sold,
  sum(gift_cards_redeemed) AS gift_cards_redeemed,
  sum(adjustments) AS adjustments,
  sum(adjustment_lines)::bigint AS adjustment_lines
FROM store_1m
GROUP BY window_start, store_id;

CREATE VIEW mix_1m_merged AS
SELECT
  window_start,
  store_id,
  region,
  city,
  country,
  channel,
  payment_method,
  category,
  brand,
  customer_segment,
  sum(total_qty)::bigint AS total_qty,
  sum(total_revenue) AS total_revenue,
  sum(transactions)::bigint AS transactions,
  sum(orders)::bigint AS orders,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM mix_1m
GROUP BY window_start, store_id, region, city, country, channel, payment_method, category, brand, customer_segment;

CREATE VIEW payments_1m_merged AS
SELECT
  window_start,
  store_id,
  method,
  status,
  failure_reason,
  sum(payments)::bigint AS payments,
  sum(amount) AS amount,
  bool_and(closed) AS closed,
  count(*) AS partitions
FROM payments_1m
GROUP BY window_start, store_id, method, status, failure_reason;

COMMENT ON VIEW sales_1m_merged IS 'sales_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN sales_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN sales_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN sales_1m_merged.product_id IS 'As in sales_1m.';
COMMENT ON COLUMN sales_1m_merged.total_qty IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.total_revenue IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.transactions IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN sales_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';
COMMENT ON COLUMN sales_1m_merged.gross_sales IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.discounts IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.units_returned IS 'As in sales_1m, over all partitions.';
COMMENT ON COLUMN sales_1m_merged.measured_qty IS 'As in sales_1m, over all partitions.';

COMMENT ON VIEW store_1m_merged IS 'store_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN store_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN store_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN store_1m_merged.total_transactions IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.total_revenue IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.avg_transaction_value IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.unique_customers IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.unique_customers_sketch IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN store_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';
COMMENT ON COLUMN store_1m_merged.orders IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.return_receipts IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.gross_sales IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.discounts IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.returns IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.order_revenue IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.avg_order_value IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.units_sold IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.units_returned IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.write_offs IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.tax IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.tax_included IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.tips IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.shipping IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.fees IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.gift_cards_sold IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.gift_cards_redeemed IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.adjustments IS 'As in store_1m, over all partitions.';
COMMENT ON COLUMN store_1m_merged.adjustment_lines IS 'As in store_1m, over all partitions.';

COMMENT ON VIEW mix_1m_merged IS 'mix_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN mix_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN mix_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN mix_1m_merged.region IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.city IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.country IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.channel IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.payment_method IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.category IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.brand IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.customer_segment IS 'As in mix_1m.';
COMMENT ON COLUMN mix_1m_merged.total_qty IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.total_revenue IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.transactions IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.orders IS 'As in mix_1m, over all partitions.';
COMMENT ON COLUMN mix_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN mix_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

COMMENT ON VIEW payments_1m_merged IS 'payments_1m with one row for each key, whatever partitions its events came from.';
COMMENT ON COLUMN payments_1m_merged.window_start IS 'First instant of the window, event time.';
COMMENT ON COLUMN payments_1m_merged.store_id IS 'Store.';
COMMENT ON COLUMN payments_1m_merged.method IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.status IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.failure_reason IS 'As in payments_1m.';
COMMENT ON COLUMN payments_1m_merged.payments IS 'As in payments_1m, over all partitions.';
COMMENT ON COLUMN payments_1m_merged.amount IS 'As in payments_1m, over all partitions.';
COMMENT ON COLUMN payments_1m_merged.closed IS 'Every partition has closed the window: only late corrections change the row now.';
COMMENT ON COLUMN payments_1m_merged.partitions IS 'Partitions the row is merged from; more than one: see v_stores_in_partitions.';

-- Down Migration

DROP VIEW payments_1m_merged;
DROP VIEW mix_1m_merged;
DROP VIEW store_1m_merged;
DROP VIEW sales_1m_merged;
