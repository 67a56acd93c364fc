import { type Session, type TextRow } from './connection'

/** Highest sequence number by partition. */
export type Positions = ReadonlyMap<number, number>

/** What the daily batch keeps about a day. */
export interface DayEntry {
  /** Business date, `YYYY-MM-DD`. */
  readonly date: string
  /** The newest events of the day seen in bronze. */
  readonly newest: Positions
  /** Whether it was made by days or rules that are no longer those in force. */
  readonly stale: boolean
  /** What the day was made of; absent when it never was. */
  readonly made?: {
    /** Number of the run. */
    readonly run: number
    readonly readUpTo: Positions
    /** Fingerprint of the stock-out alerts. */
    readonly alerts: string
  }
}

/** A day that was made: what of, and how much came of it. */
export interface MadeDay {
  readonly date: string
  readonly run: number
  /** Epoch milliseconds. */
  readonly beganMs: number
  readonly readUpTo: Positions
  readonly alerts: string
  readonly bronzeVersion: number
  readonly events: number
  readonly duplicates: number
  readonly rows: number
  /** Stores that have events in the day. */
  readonly stores: readonly string[]
  /** Whether the days of a store have changed since it was begun. */
  readonly stale: boolean
}

/** By which calendar each store goes; calendars by name, such as `Europe/London 04:00`. */
export interface StoreCalendars {
  /** Of stores that have none of their own. */
  readonly usual: string
  readonly stores: ReadonlyMap<string, string>
}

/** By which calendar each store goes now. */
export async function readCalendars(session: Session): Promise<StoreCalendars> {
  const [usual] = await session.query('SELECT default_calendar() AS calendar')
  const rows = await session.query('SELECT store_id, calendar FROM v_store_calendars')
  const stores = new Map(rows.map(({ store_id: id, calendar }) => [id ?? '', calendar ?? '']))
  return { usual: usual?.calendar ?? '', stores }
}

/**
 * Waits until no other daily batch is at work and keeps others waiting until the transaction ends, for however long
 * that is.
 */
export async function lockDailyBatch(session: Session): Promise<void> {
  await session.query('SET LOCAL statement_timeout = 0')
  await session.query('SET LOCAL idle_in_transaction_session_timeout = 0')
  await session.query(`SELECT pg_advisory_xact_lock(hashtext('daily_batch'))`)
}

/** Every day there is an entry of, or the given one, oldest first. */
export async function readBook(session: Session, date?: string): Promise<readonly DayEntry[]> {
  const rows = await session.query(
    `SELECT to_char(date, 'YYYY-MM-DD') AS date, newest, run, read_up_to, alerts, stale FROM daily_batch
     WHERE $1::date IS NULL OR date = $1 ORDER BY daily_batch.date`,
    [date ?? null],
  )
  return rows.map(entryOf)
}

function entryOf({ date, newest, run, read_up_to: readUpTo, alerts, stale }: TextRow): DayEntry {
  const made = { run: Number(run), readUpTo: positionsFrom(readUpTo), alerts: alerts ?? '' }
  const entry = { date: date ?? '', newest: positionsFrom(newest), stale: stale === 't' }
  return { ...entry, ...(typeof run === 'string' && { made }) }
}

/** How far bronze has been looked through. */
export interface BronzeScan {
  /** The version of bronze up to which all events are in the book. */
  readonly bronzeVersion: number
  /** By which days: a text that is another for others. */
  readonly calendars: string
  /** When that was, epoch milliseconds. */
  readonly scannedMs: number
}

/** How far bronze has been looked through; undefined when it never was. */
export async function readScan(session: Session): Promise<BronzeScan | undefined> {
  const [row] = await session.query(
    `SELECT bronze_version, calendars, (extract(epoch FROM scanned_at) * 1000)::bigint AS scanned_ms FROM daily_batch_scan`,
  )
  return (
    row && {
      bronzeVersion: Number(row.bronze_version),
      calendars: row.calendars ?? '',
      scannedMs: Number(row.scanned_ms),
    }
  )
}

/** What bronze has of a day. */
export interface FoundDay {
  readonly newest: Positions
  /** Stores with events in it, where somebody looked. */
  readonly stores?: ReadonlySet<string>
}

/**
 * Enters events found in bronze up to a version of it: the newest of each day, added to those known before. A day that was
 * made without a store that has events in it is stale: the store has come to go by other days.
 */
export async function noteScan(
  session: Session,
  scan: Omit<BronzeScan, 'scannedMs'> & {
    readonly found: ReadonlyMap<string, FoundDay>
    /** Epoch milliseconds. */
    readonly nowMs: number
  },
): Promise<void> {
  for (const [date, { newest, stores }] of scan.found) {
    const [known] = await readBook(session, date)
    await session.query(
      `INSERT INTO daily_batch (date, newest) VALUES ($1, $2)
       ON CONFLICT (date) DO UPDATE SET newest = excluded.newest`,
      [date, textOf(newer(known?.newest ?? new Map(), newest))],
    )
    if (known?.made && stores) {
      const without = 'UPDATE daily_batch SET stale = true WHERE date = $1 AND NOT stores @> $2::text[]'
      await session.query(without, [date, [...stores]])
    }
  }
  await session.query(
    `INSERT INTO daily_batch_scan (id, bronze_version, calendars, scanned_at) VALUES (1, $1, $2, $3)
     ON CONFLICT (id) DO UPDATE
     SET bronze_version = excluded.bronze_version, calendars = excluded.calendars, scanned_at = excluded.scanned_at`,
    [scan.bronzeVersion, scan.calendars, timeOf(scan.nowMs)],
  )
}

/** Enters that a day was made. */
export async function noteDay(session: Session, day: MadeDay): Promise<void> {
  await session.query(
    `INSERT INTO daily_batch AS t
       (date, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written, stores, stale)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (date) DO UPDATE SET run = excluded.run, batched_at = excluded.batched_at,
       read_up_to = excluded.read_up_to, alerts = excluded.alerts, bronze_version = excluded.bronze_version,
       events = excluded.events, duplicates = excluded.duplicates, rows_written = excluded.rows_written,
       stores = excluded.stores, stale = excluded.stale`,
    [
      day.date,
      day.run,
      timeOf(day.beganMs),
      textOf(day.readUpTo),
      day.alerts,
      day.bronzeVersion,
      day.events,
      day.duplicates,
      day.rows,
      day.stores,
      day.stale,
    ],
  )
}

/** By partition, the higher of two sequence numbers. */
export function newer(a: Positions, b: Positions): Positions {
  const all = new Map(a)
  for (const [partition, sequence] of b) all.set(partition, Math.max(all.get(partition) ?? -1, sequence))
  return all
}

function positionsFrom(text: string | null | undefined): Positions {
  const entries = Object.entries(JSON.parse(text ?? '{}') as Readonly<Record<string, number>>)
  return new Map(entries.map(([partition, sequence]) => [Number(partition), sequence]))
}

function textOf(positions: Positions): string {
  return JSON.stringify(Object.fromEntries(positions))
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
