import { type Session } from '../warehouse/connection'
import { type Funnel, type Payments, type Quality } from './figures'
import { count, minor, only, ratio, text } from './row'
import { differentOf } from './sales'
import { liveRows, rowsOf, type Scope } from './source'

/** Reasons and methods a list shows. */
const shown = 6

/** The steps from looking to buying; null when there was neither visit nor sale. */
export async function funnelOf(session: Session, scope: Scope, onlineOrders: number): Promise<Funnel | null> {
  const { sql, parameters } = rowsOf(scope, 'funnel')
  const row = only(
    await session.query(
      `SELECT count(*) AS rows, sum(views) AS views, sum(add_to_carts) AS carts, sum(checkouts) AS checkouts,
         sum(purchases) AS purchases FROM ${sql}`,
      parameters,
    ),
  )
  if (row.rows === '0') return null
  // The batch counts visits by store, channel and category, and one visit has many of these.
  const sessions = await differentOf(session, scope, 'funnel_1m', 'sessions_sketch')
  return {
    sessions: sessions.rows === 0 ? null : sessions.different,
    views: count(row.views),
    addToCarts: count(row.carts),
    checkouts: count(row.checkouts),
    purchases: count(row.purchases),
    orders: onlineOrders,
  }
}

/** Attempts to pay; null when there was none. */
export async function paymentsOf(session: Session, scope: Scope): Promise<Payments | null> {
  const { sql, parameters } = rowsOf(scope, 'payments')
  const rows = await session.query(
    `SELECT method, status, failure_reason, sum(payments) AS payments, sum(amount) AS amount FROM ${sql} GROUP BY 1, 2, 3`,
    parameters,
  )
  if (rows.length === 0) return null
  const tried = rows.map((row) => ({
    method: text(row.method),
    isFailed: row.status === 'failed',
    reason: text(row.failure_reason),
    payments: count(row.payments),
    amountMinor: minor(row.amount, scope.minorDigits),
  }))
  const failed = tried.filter(({ isFailed }) => isFailed)
  const succeeded = tried.filter(({ isFailed }) => !isFailed)
  return {
    succeeded: sum(succeeded, ({ payments }) => payments),
    failed: sum(failed, ({ payments }) => payments),
    succeededMinor: sum(succeeded, ({ amountMinor }) => amountMinor),
    failedMinor: sum(failed, ({ amountMinor }) => amountMinor),
    byMethod: grouped(tried, ({ method }) => method).map(([method, group]) => ({
      method,
      payments: sum(group, ({ payments }) => payments),
      failed: sum(group, ({ isFailed, payments }) => (isFailed ? payments : 0)),
    })),
    failures: grouped(failed, ({ reason }) => reason).map(([reason, group]) => ({
      reason,
      payments: sum(group, ({ payments }) => payments),
      amountMinor: sum(group, ({ amountMinor }) => amountMinor),
    })),
  }
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0)
}

/** Groups by name, those with most payments first, as many as a list shows. */
function grouped<T extends { readonly payments: number }>(
  list: readonly T[],
  nameOf: (item: T) => string,
): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>()
  for (const item of list) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item])
  const size = (group: readonly T[]) => sum(group, ({ payments }) => payments)
  const order = [...groups].sort(([a, of], [b, than]) => size(than) - size(of) || (a < b ? -1 : 1))
  return order.slice(0, shown)
}

/** What came in and what became of it; null when nothing came. */
export async function qualityOf(session: Session, scope: Scope): Promise<Quality | null> {
  const { sql, parameters } = liveRows(scope, 'quality_1m')
  const counted = ['received', 'valid', 'rejected', 'duplicates', 'conflicting', 'repeated_receipts', 'late'] as const
  const rows = await session.query(
    `SELECT reason, ${[...counted, 'late_seconds'].map((name) => `sum(${name}) AS ${name}`).join(', ')},
       max(max_late_seconds) AS max_late_seconds FROM ${sql} GROUP BY 1`,
    parameters,
  )
  if (rows.length === 0) return null
  const of = (name: (typeof counted)[number] | 'late_seconds') => sum(rows, (row) => count(row[name]))
  const hundredths = ratio(10_000 * of('valid'), of('received'))
  const rejections = rows
    .map((row) => ({ reason: text(row.reason), events: count(row.rejected) }))
    .filter(({ events }) => events > 0)
    .sort((a, b) => b.events - a.events || (a.reason < b.reason ? -1 : 1))
  return {
    received: of('received'),
    valid: of('valid'),
    rejected: of('rejected'),
    duplicates: of('duplicates'),
    conflicting: of('conflicting'),
    repeatedReceipts: of('repeated_receipts'),
    qualityPct: hundredths === null ? null : hundredths / 100,
    rejections: rejections.slice(0, shown),
    late: of('late'),
    lateSecondsMean: ratio(of('late_seconds'), of('late')),
    lateSecondsMax: Math.max(...rows.map((row) => count(row.max_late_seconds))),
  }
}
