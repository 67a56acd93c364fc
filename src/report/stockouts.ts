// Tested in test/report/operations.test.ts.
import { type Session } from '../warehouse/connection'
import { type LostSales, type Stockouts } from './figures'
import { count, minor, only, text } from './row'
import { daysParameters, daysRelation, extentOf, isMade, liveRows, type Scope } from './source'

/** Alerts a list shows. */
const shown = 8

/**
 * What a shelf's silence has to be before its sales count as lost: so many receipts with the product were to be expected
 * meanwhile (by chance they stay away that long once in twenty times, e^-3), of a product whose pace is known by so many
 * days with sales among the 28 before. Most alerts are of slow products that nobody happened to buy: nobody's loss.
 */
export const defensible = { receipts: 3, days: 7 } as const

/** Stock-out alerts as they stood when the day ended, or stand now when it has not. */
export async function stockoutsOf(session: Session, scope: Scope): Promise<Stockouts> {
  const live = scope.source === 'live' ? liveRows(scope, 'sales_1m') : undefined
  // The first of them are those of the alerts.
  const parameters = live?.parameters ?? daysParameters(scope)
  const [date, first, last] = [1, 2, 3].map((number) => `$${parameters.length + number}`)
  const rows = await session.query(
    `WITH alert AS MATERIALIZED (
       SELECT g.store_id, g.product_id, g.opened_at, d.zone, d.starts_at, d.ends_at,
         g.opened_at >= d.starts_at AS is_new,
         g.resolved_at >= d.starts_at AND g.resolved_at < d.ends_at AS is_resolved,
         g.resolved_at IS NULL OR g.resolved_at >= d.ends_at AS is_open
       FROM gold_stockout AS g
       LEFT JOIN v_store_calendars AS c ON c.store_id = g.store_id
       JOIN ${daysRelation} ON d.calendar = coalesce(c.calendar, $5)
       WHERE g.opened_at < ${last}::timestamptz AND (g.resolved_at IS NULL OR g.resolved_at >= ${first}::timestamptz)
         AND g.opened_at < d.ends_at AND (g.resolved_at IS NULL OR g.resolved_at >= d.starts_at)
     ), counted AS (
       SELECT count(*) FILTER (WHERE is_open) AS open, count(*) FILTER (WHERE is_new) AS opened,
         count(*) FILTER (WHERE is_resolved) AS resolved FROM alert
     ), sold AS (
       SELECT store_id, product_id, sum(total_revenue) AS revenue FROM (
         SELECT g.store_id, g.product_id, g.total_revenue FROM gold_daily_sales AS g
         WHERE g.date > ${date}::date - 7 AND g.date <= ${date}::date AND ${isMade('g.date')}
         ${live ? `UNION ALL SELECT store_id, product_id, total_revenue FROM ${live.sql}` : ''}
       ) AS rows GROUP BY 1, 2
     ), foremost AS (
       -- Products that sell are worth a walk to the shelf; one that is gone for good stays open for ever.
       SELECT a.*, coalesce(s.revenue, 0) AS revenue FROM alert AS a
       LEFT JOIN sold AS s ON s.store_id = a.store_id AND s.product_id = a.product_id
       WHERE a.is_open
       ORDER BY coalesce(s.revenue, 0) DESC, a.opened_at DESC, a.store_id COLLATE "C", a.product_id COLLATE "C" LIMIT ${shown}
     )
     SELECT n.*, f.store_id, f.product_id, f.revenue, h.on_hand,
       to_char((f.opened_at + o.utc_offset) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS since
     FROM counted AS n
     LEFT JOIN foremost AS f ON true
     LEFT JOIN zone_offsets AS o ON o.zone = f.zone AND f.opened_at >= o.starts_at AND f.opened_at < o.ends_at
     LEFT JOIN LATERAL (
       SELECT w.on_hand FROM stock_5m AS w
       WHERE w.store_id = f.store_id AND w.product_id = f.product_id AND w.on_hand IS NOT NULL
         AND w.window_start >= f.starts_at AND w.window_start < f.ends_at
       ORDER BY w.window_start DESC LIMIT 1
     ) AS h ON true
     ORDER BY f.revenue DESC, f.opened_at DESC, f.store_id COLLATE "C", f.product_id COLLATE "C"`,
    [...parameters, scope.date, ...extentOf(scope)],
  )
  const counts = only(rows)
  const foremost = rows.filter((row) => row.store_id !== null)
  return {
    open: count(counts.open),
    opened: count(counts.opened),
    resolved: count(counts.resolved),
    lost: scope.source === 'batch' ? await lostOf(session, scope) : null,
    foremost: foremost.map((row) => ({
      storeId: text(row.store_id),
      productId: text(row.product_id),
      openedAt: text(row.since),
      weekRevenueMinor: minor(row.revenue, scope.minorDigits),
      onHand: row.on_hand === null ? null : count(row.on_hand),
    })),
  }
}

async function lostOf(session: Session, { date, minorDigits }: Scope): Promise<LostSales> {
  // Lost pieces ÷ pieces a receipt are receipts, of which a bulk buyer's thousand pieces are one.
  const row = only(
    await session.query(
      `WITH lost AS (
         SELECT l.store_id, l.product_id, l.lost_units, l.lost_revenue FROM gold_stockout_daily AS l WHERE l.date = $1::date
       ), defended AS (
         SELECT l.lost_revenue FROM lost AS l
         JOIN gold_daily_sales AS g ON g.store_id = l.store_id AND g.product_id = l.product_id
         WHERE g.date >= $1::date - 28 AND g.date < $1::date AND g.total_qty > 0 AND l.lost_units > 0
         GROUP BY l.store_id, l.product_id, l.lost_units, l.lost_revenue
         HAVING count(*) >= $3 AND l.lost_units * sum(g.transactions) / sum(g.total_qty) >= $2
       )
       SELECT (SELECT count(*) FROM lost) AS of_shelves, count(*) AS shelves, round(sum(lost_revenue), $4) AS revenue
       FROM defended`,
      [date, defensible.receipts, defensible.days, minorDigits],
    ),
  )
  return {
    shelves: count(row.shelves),
    ofShelves: count(row.of_shelves),
    revenueMinor: minor(row.revenue, minorDigits),
  }
}
