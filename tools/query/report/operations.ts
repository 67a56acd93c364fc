// Tested in test/tools/query/report.test.ts.
import { type Asker, type Funnel, type Payments, type Quality, type Stockouts } from './figures'
import { number, text } from './row'

/** Reasons and methods a list shows. */
const shown = 6
const alertsShown = 8

/** The steps from looking to buying; null when `funnel_1m` has nothing of the day. */
export async function funnelOf(ask: Asker, date: string): Promise<Funnel | null> {
  if (!(await ask.has('funnel_1m'))) return null
  const [row] = await ask.rows(
    `SELECT count(*) AS rows, coalesce(sum(views), 0) AS views, coalesce(sum(add_to_carts), 0) AS carts,
       coalesce(sum(checkouts), 0) AS checkouts, coalesce(sum(purchases), 0) AS purchases,
       sketch_estimate(sketch_merge(sessions_sketch)) AS sessions
     FROM funnel_1m WHERE date = DATE '${date}'`,
  )
  if (!row || row.rows === 0) return null
  const [online] = (await ask.has('mix_1m'))
    ? await ask.rows(
        `SELECT coalesce(sum(orders), 0) AS orders FROM mix_1m WHERE date = DATE '${date}' AND channel IN ('web', 'app')`,
      )
    : []
  return {
    orders: number(online?.orders ?? 0),
    sessions: number(row.sessions),
    views: number(row.views),
    addToCarts: number(row.carts),
    checkouts: number(row.checkouts),
    purchases: number(row.purchases),
  }
}

/** Attempts to pay; null when `payments_1m` has nothing of the day. */
export async function paymentsOf(ask: Asker, date: string): Promise<Payments | null> {
  if (!(await ask.has('payments_1m'))) return null
  const from = `FROM payments_1m WHERE date = DATE '${date}'`
  const statuses = await ask.rows(
    `SELECT status, sum(payments) AS payments, (sum(amount) * 100)::BIGINT AS amount ${from} GROUP BY ALL`,
  )
  if (statuses.length === 0) return null
  const methods = await ask.rows(
    `SELECT method, sum(payments) AS payments, coalesce(sum(payments) FILTER (status = 'failed'), 0) AS failed
     ${from} GROUP BY ALL ORDER BY payments DESC, method LIMIT ${shown}`,
  )
  const failures = await ask.rows(
    `SELECT failure_reason AS reason, sum(payments) AS payments, (sum(amount) * 100)::BIGINT AS amount
     ${from} AND status = 'failed' GROUP BY ALL ORDER BY payments DESC, reason LIMIT ${shown}`,
  )
  const of = (status: string) => statuses.find((row) => row.status === status)
  return {
    succeeded: number(of('succeeded')?.payments ?? 0),
    failed: number(of('failed')?.payments ?? 0),
    succeededCents: number(of('succeeded')?.amount ?? 0),
    failedCents: number(of('failed')?.amount ?? 0),
    byMethod: methods.map((row) => ({
      method: text(row.method),
      payments: number(row.payments),
      failed: number(row.failed),
    })),
    failures: failures.map((row) => ({
      reason: text(row.reason),
      payments: number(row.payments),
      amountCents: number(row.amount),
    })),
  }
}

/** What came in and what became of it; null when `quality_1m` has nothing of the day. */
export async function qualityOf(ask: Asker, date: string): Promise<Quality | null> {
  if (!(await ask.has('quality_1m'))) return null
  const from = `FROM quality_1m WHERE date = DATE '${date}'`
  const [row] = await ask.rows(
    `SELECT count(*) AS rows, coalesce(sum(received), 0) AS received, coalesce(sum(valid), 0) AS valid,
       coalesce(sum(rejected), 0) AS rejected, coalesce(sum(duplicates), 0) AS duplicates,
       coalesce(sum(conflicting), 0) AS conflicting, coalesce(sum(repeated_receipts), 0) AS repeated_receipts,
       coalesce(sum(late), 0) AS late, coalesce(sum(late_seconds), 0) AS late_seconds,
       coalesce(max(max_late_seconds), 0) AS max_late_seconds ${from}`,
  )
  if (!row || row.rows === 0) return null
  const rejections = await ask.rows(
    `SELECT reason, sum(rejected) AS events ${from} GROUP BY ALL HAVING sum(rejected) > 0
     ORDER BY events DESC, reason LIMIT ${shown}`,
  )
  const [received, valid, late] = [number(row.received), number(row.valid), number(row.late)]
  return {
    received,
    valid,
    rejected: number(row.rejected),
    duplicates: number(row.duplicates),
    conflicting: number(row.conflicting),
    repeatedReceipts: number(row.repeated_receipts),
    qualityPct: received === 0 ? null : Math.round((valid / received) * 10_000) / 100,
    rejections: rejections.map((each) => ({ reason: text(each.reason), events: number(each.events) })),
    late,
    lateSecondsMean: late === 0 ? null : Math.round(number(row.late_seconds) / late),
    lateSecondsMax: number(row.max_late_seconds),
  }
}

/** Stock-out alerts as they stood when the day ended; null when `gold_stockout` is not there. */
export async function stockoutsOf(ask: Asker, date: string): Promise<Stockouts | null> {
  if (!(await ask.has('gold_stockout'))) return null
  const [start, end] = [`TIMESTAMPTZ '${date} 00:00:00+00'`, `TIMESTAMPTZ '${date} 00:00:00+00' + INTERVAL 1 DAY`]
  const [counts] = await ask.rows(
    `SELECT count(*) FILTER (opened_at >= ${start}) AS opened,
       count(*) FILTER (resolved_at >= ${start} AND resolved_at < ${end}) AS resolved,
       count(*) FILTER (resolved_at IS NULL OR resolved_at >= ${end}) AS open FROM (${alertsUntil(date)})`,
  )
  // Those that sell most are worth a walk to the shelf; a product that is gone for good stays open for ever.
  const foremost = await ask.rows(
    `WITH alert AS (${alertsUntil(date)}), hand AS (${await handsOn(ask, date)}), sold AS (${await soldBefore(ask, date)})
     SELECT store_id, product_id, strftime(opened_at, '%Y-%m-%d %H:%M') AS opened,
       strftime(last_sale_at, '%Y-%m-%d %H:%M') AS last_sale, on_hand, coalesce(revenue, 0)::BIGINT AS revenue
     FROM alert LEFT JOIN hand USING (store_id, product_id) LEFT JOIN sold USING (store_id, product_id)
     WHERE resolved_at IS NULL OR resolved_at >= ${end}
     ORDER BY coalesce(revenue, 0) DESC, opened_at DESC, store_id, product_id LIMIT ${alertsShown}`,
  )
  return {
    open: number(counts?.open ?? 0),
    opened: number(counts?.opened ?? 0),
    resolved: number(counts?.resolved ?? 0),
    lostRevenueCents: await lostRevenue(ask, date),
    foremost: foremost.map((row) => ({
      storeId: text(row.store_id),
      productId: text(row.product_id),
      openedAt: text(row.opened),
      lastSaleAt: text(row.last_sale),
      weekRevenueCents: number(row.revenue),
      onHand: row.on_hand === null ? null : number(row.on_hand),
    })),
  }
}

async function lostRevenue(ask: Asker, date: string): Promise<number | null> {
  if (!(await ask.has('gold_stockout_daily'))) return null
  const [row] = await ask.rows(
    `SELECT (sum(lost_revenue) * 100)::BIGINT AS lost FROM gold_stockout_daily WHERE date = DATE '${date}'`,
  )
  return row?.lost === null || row === undefined ? null : number(row.lost)
}

/** One row per alert that opened by the end of the day, whatever its rows in the log of changes. */
function alertsUntil(date: string): string {
  return `SELECT store_id, product_id, opened_at, min(last_sale_at) AS last_sale_at, max(resolved_at) AS resolved_at
    FROM gold_stockout WHERE date <= DATE '${date}' GROUP BY store_id, product_id, opened_at`
}

/** What each shelf was last seen with on the day. */
async function handsOn(ask: Asker, date: string): Promise<string> {
  if (!(await ask.has('stock_5m'))) return `SELECT '' AS store_id, '' AS product_id, 0::BIGINT AS on_hand WHERE false`
  return `SELECT store_id, product_id, arg_max(on_hand, on_hand_at) AS on_hand
    FROM stock_5m WHERE date = DATE '${date}' GROUP BY ALL`
}

/** What each product took in each store in the seven days that end with this one. */
async function soldBefore(ask: Asker, date: string): Promise<string> {
  if (!(await ask.has('sales_1m'))) return `SELECT '' AS store_id, '' AS product_id, 0::BIGINT AS revenue WHERE false`
  return `SELECT store_id, product_id, sum(total_revenue) * 100 AS revenue FROM sales_1m
    WHERE date > DATE '${date}' - INTERVAL 7 DAY AND date <= DATE '${date}' GROUP BY ALL`
}
