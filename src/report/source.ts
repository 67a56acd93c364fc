// Tested in test/report/report.test.ts.
import { type Day } from './clock'
import { instant } from './calendars'

/** A business day, or the part of it up to an instant, and where its figures are taken from. */
export interface Scope {
  readonly date: string
  /** By the daily batch where that has made the day and it stands, else by the minutes of the stream. */
  readonly source: 'live' | 'batch'
  /** The day by each calendar. */
  readonly days: readonly Day[]
  /** The calendar of stores that have none of their own. */
  readonly own: string
  readonly minorDigits: number
}

/** What stands after FROM, named t, with the parameters it numbers from $1. */
export interface Source {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Tables by what they hold: of the stream, and of the daily batch. */
const tables = {
  store: ['store_1m', 'gold_daily_store'],
  sales: ['sales_1m', 'gold_daily_sales'],
  mix: ['mix_1m', 'gold_daily_mix'],
  funnel: ['funnel_1m', 'gold_daily_funnel'],
  payments: ['payments_1m', 'gold_daily_payments'],
} as const

/** The rows of a day, from where the day is taken. */
export function rowsOf(scope: Scope, what: keyof typeof tables): Source {
  const [live, gold] = tables[what]
  if (scope.source === 'live') return liveRows(scope, live)
  return { sql: `(SELECT * FROM ${gold} WHERE date = $1::date) AS t`, parameters: [scope.date] }
}

/** The windows of a day in a table of the stream, each with the zone of its store. */
export function liveRows({ days, own }: Scope, table: string): Source {
  return {
    sql: `(
      SELECT w.*, d.zone FROM ${table} AS w
      LEFT JOIN v_store_calendars AS c ON c.store_id = w.store_id
      JOIN ${daysRelation} ON d.calendar = coalesce(c.calendar, $5)
      WHERE w.window_start >= $6::timestamptz AND w.window_start < $7::timestamptz
        AND w.window_start >= d.starts_at AND w.window_start < d.ends_at
    ) AS t`,
    // The range is what the index is searched by; which of it is of a store's day its calendar says.
    parameters: [...daysParameters({ days, own }), ...extentOf({ days })],
  }
}

/** The days of a scope as a relation d(calendar, zone, starts_at, ends_at) over the parameters $1 to $4; $5 is the own calendar. */
export const daysRelation =
  'unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[]) AS d(calendar, zone, starts_at, ends_at)'

/** The parameters $1 to $5. */
export function daysParameters({ days, own }: Pick<Scope, 'days' | 'own'>): readonly unknown[] {
  return [
    days.map(({ calendar }) => calendar),
    days.map(({ zone }) => zone),
    days.map(({ startMs }) => instant(startMs)),
    days.map(({ endMs }) => instant(endMs)),
    own,
  ]
}

/** Whether the daily batch has made a date, and nothing it went by has changed since. */
export function isMade(date: string): string {
  return `EXISTS (SELECT FROM daily_batch AS b WHERE b.date = ${date} AND b.batched_at IS NOT NULL AND NOT b.stale)`
}

/** The first instant of a scope's days and that after the last, by whatever calendar. */
export function extentOf({ days }: Pick<Scope, 'days'>): readonly [string, string] {
  const [first, last] = [Math.min(...days.map(({ startMs }) => startMs)), Math.max(...days.map(({ endMs }) => endMs))]
  return [instant(first), instant(last)]
}
