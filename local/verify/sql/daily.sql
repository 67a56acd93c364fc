-- Gold of the daily batch.
CREATE VIEW truth.daily_sales AS
SELECT date, store_id, product_id, sum(quantity)::BIGINT AS total_qty, money(sum(cents)::BIGINT) AS total_revenue,
  count(*) AS transactions
FROM truth.part WHERE first_of_day GROUP BY ALL;
