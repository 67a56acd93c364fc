import { dateAt } from '../../business/calendar'
import { reasonOf } from '../../reason'
import { atOnce } from '../../lake/at-once'
import { sqlText } from '../../lake/duckdb'
import { type AddFile } from '../../lake/log/action'
import { fileView, readFile, selectFiles } from '../../lake/scan'
import { readSnapshot } from '../../lake/log/read-snapshot'
import { type Snapshot } from '../../lake/log/snapshot'
import { refresh } from '../../lake/table'
import { type Session } from '../../warehouse/connection'
import {
  type BronzeScan,
  type DayEntry,
  type FoundDay,
  newer,
  noteScan,
  type Positions,
  readBook,
  readScan,
} from '../../warehouse/daily-book'
import { goldStockout } from '../rows/tables'
import { type Calendars, dateFinder, spansOf } from './days'
import { know } from './known'
import { lastRuns } from './mark'
import { type DailyPorts } from './ports'
import { alertsOf } from './queries'
import { goBy, type Workshop } from './workshop'

// Invariants of the book:
// D1  `newest` of a day is at least the highest position of its events in the version of bronze scanned last.
// D2  A day that was made holds every event up to `readUpTo`: positions never leave the log of bronze, nor do rows.
// D3  Nothing but the end of a run brings its number into PostgreSQL, and the log of the lake has it from before its
//     first row. So after a run that did not come to its end, or with a database that is not of this lake, they differ.
// D4  A day that was made of events which by the calendars of now are of other days, or without some that are of it, is
//     stale: whoever changes a calendar marks those with its stores, a scan by new calendars those that it adds stores to.

/**
 * The days up to `upTo` whose gold is not what the lake would give now, oldest first: they have events and were never
 * made, have got events or their stock-out alerts have changed since, go by other days or rules now, or a run of them did
 * not come to its end. Exact but for days that seem to have events that are rejects, or had some by other calendars; those
 * are named once for nothing.
 */
export async function dueDates(
  ports: DailyPorts,
  workshop: Workshop,
  { session, calendars, upTo }: { readonly session: Session; readonly calendars: Calendars; readonly upTo: string },
): Promise<readonly DayEntry[]> {
  await scanBronze(ports, { session, calendars })
  const book = (await readBook(session)).filter(({ date }) => date <= upTo)
  const dates = book.flatMap(({ date, made }) => (made ? [date] : []))
  const alerts = await fingerprints(ports, workshop, { dates, calendars })
  const runs = await lastRuns(ports)
  return book.filter((entry) => {
    const { date, made } = entry
    if (isOwed(entry)) return true
    return made ? alerts(date) !== made.alerts || runs(date) !== made.run : runs(date) !== undefined
  })
}

/** Whether the book alone says that a day has to be made. */
export function isOwed({ newest, stale, made }: DayEntry): boolean {
  return made ? stale || isBeyond(newest, made.readUpTo) : newest.size > 0
}

function isBeyond(newest: Positions, readUpTo: Positions): boolean {
  return [...newest].some(([partition, sequence]) => sequence > (readUpTo.get(partition) ?? -1))
}

/** The calendars a scan went by that was made before stores had any. */
const utcDays = JSON.stringify(['UTC 00:00'])

/**
 * Looks through the bronze files that are new since the last time, or through all of them where stores have come to go by
 * other days, and enters in the book which days they have.
 */
async function scanBronze(
  ports: DailyPorts,
  { session, calendars }: { readonly session: Session; readonly calendars: Calendars },
): Promise<void> {
  const { bronze, log, clock } = ports
  const snapshot = await refresh(bronze)
  const before = await readScan(session)
  const isMoved = before !== undefined && (before.calendars || utcDays) !== calendars.id
  if (isMoved) log('info', 'daily batch: stores go by other days than at the last look, looks through all of bronze')
  const known = before === undefined || isMoved ? undefined : await bronzeAt(ports, before)
  const files = selectFiles(snapshot).filter(({ path }) => !known?.files.has(path))
  const found = new Map<string, { newest: Positions; readonly stores?: Set<string> }>()
  const note: Scan['note'] = (date, newest, stores = []) => {
    const day = found.get(date) ?? { newest: new Map(), ...(isMoved && { stores: new Set<string>() }) }
    day.newest = newer(day.newest, newest)
    for (const store of stores) day.stores?.add(store)
    found.set(date, day)
  }
  await atOnce(filesAtOnce, files, (file) => scanFile(ports, { file, snapshot, calendars, isMoved, note }))
  const days: ReadonlyMap<string, FoundDay> = found
  await noteScan(session, { found: days, bronzeVersion: snapshot.version, calendars: calendars.id, nowMs: clock() })
  log('info', `daily batch: ${files.length} new files of ${bronze.root}, events of ${found.size} days in them`)
}

const filesAtOnce = 4

/** A version of bronze; undefined when its log does not go back so far, so that every file is looked at again. */
async function bronzeAt(
  { bronze, log }: DailyPorts,
  { bronzeVersion: version }: BronzeScan,
): Promise<Snapshot | undefined> {
  try {
    return await readSnapshot(bronze.store, bronze.root, { version })
  } catch (error) {
    const reason = reasonOf(error)
    log('warn', `daily batch: looks through all of bronze, version ${version} cannot be read: ${reason}`)
    return undefined
  }
}

interface Scan {
  readonly file: AddFile
  readonly snapshot: Snapshot
  readonly calendars: Calendars
  /** Whether it matters which stores a day has. */
  readonly isMoved: boolean
  readonly note: (date: string, positions: Positions, stores?: Iterable<string>) => void
}

/** The days of a file, and how far each partition goes in them; from its statistics when these leave no doubt. */
async function scanFile(ports: DailyPorts, scan: Scan): Promise<void> {
  const { file, snapshot, calendars, isMoved, note } = scan
  const { min, max } = fileView(snapshot.schema, file)
  if (!isMoved && typeof max.sequence === 'number' && typeof min.partition_id === 'number') {
    const date = dateBetween(calendars, min.event_time, max.event_time)
    if (date !== undefined && min.partition_id === max.partition_id) {
      note(date, new Map([[min.partition_id, max.sequence]]))
      return
    }
  }
  await readFileDays(ports, scan)
}

/** The date of everything between two instants by every calendar; undefined when there are several. */
function dateBetween({ all }: Calendars, from: unknown, to: unknown): string | undefined {
  if (typeof from !== 'number' || typeof to !== 'number') return undefined
  const dates = new Set(all.flatMap((calendar) => [dateAt(calendar, from), dateAt(calendar, to)]))
  return dates.size === 1 ? [...dates][0] : undefined
}

async function readFileDays({ bronze }: DailyPorts, { file, snapshot, calendars, note }: Scan): Promise<void> {
  const columns = ['event_time', 'partition_id', 'sequence', 'store_id']
  const dateOf = dateFinder(calendars)
  for await (const rows of readFile(bronze, file, { schema: snapshot.schema, columns })) {
    const days = new Map<string, { readonly newest: Map<number, number>; readonly stores: Set<string> }>()
    for (const { event_time, partition_id, sequence, store_id } of rows) {
      // Rejects are of no time, and heartbeats of no store.
      if (event_time === null) continue
      const date = dateOf(String(store_id ?? ''), Number(event_time))
      const day = days.get(date) ?? { newest: new Map<number, number>(), stores: new Set<string>() }
      days.set(date, day)
      const partition = Number(partition_id)
      day.newest.set(partition, Math.max(day.newest.get(partition) ?? -1, Number(sequence)))
      if (store_id !== null) day.stores.add(String(store_id))
    }
    for (const [date, { newest, stores }] of days) note(date, newest, stores)
  }
}

/**
 * For each of some days a text that stands for the stock-out alerts open in it, and for what part of it; the text of a
 * day without any is the same for all days.
 */
export async function fingerprints(
  { stockouts }: DailyPorts,
  workshop: Workshop,
  { dates, calendars }: { readonly dates: readonly string[]; readonly calendars: Calendars },
): Promise<(date: string) => string> {
  await know(workshop, { spec: goldStockout, table: stockouts, where: () => true })
  const texts = new Map<string, string>()
  await goBy(workshop, calendars)
  if (dates.length > 0) {
    const days = dates.flatMap((date) =>
      spansOf(calendars, date).map(({ calendar, startMs, endMs }) => {
        return `(${sqlText(date)}, ${sqlText(calendar)}, ${startMs}::BIGINT, ${endMs}::BIGINT)`
      }),
    )
    // Added up, so that no list of alerts has to be in memory.
    const result = await workshop.connection.runAndReadAll(
      `SELECT date, concat(count(*), '-', sum(md5_number_lower(concat_ws(chr(0), store_id, product_id, from_ms, to_ms))))
       FROM (${alertsOf(`(VALUES ${days.join(', ')})`, '(date, calendar, day_start, day_end)')}) GROUP BY date`,
    )
    for (const [date, text] of result.getRows()) texts.set(String(date), String(text))
  }
  return (date) => texts.get(date) ?? ''
}
