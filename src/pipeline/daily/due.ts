import { dateOf, dayMs, startOf } from '../../day'
import { reasonOf } from '../../reason'
import { atOnce } from '../../lake/at-once'
import { sqlText } from '../../lake/duckdb'
import { type AddFile } from '../../lake/log/action'
import { fileView, readFile, selectFiles } from '../../lake/scan'
import { readSnapshot } from '../../lake/log/read-snapshot'
import { type Snapshot } from '../../lake/log/snapshot'
import { refresh } from '../../lake/table'
import { type Session } from '../../warehouse/connection'
import { type DayEntry, newer, noteScan, type Positions, readBook, readScan } from '../../warehouse/daily-book'
import { goldStockout } from '../rows/tables'
import { know } from './known'
import { lastRuns } from './mark'
import { type DailyPorts } from './ports'
import { alertsOf } from './queries'
import { type Workshop } from './workshop'

// Invariants of the book:
// D1  `newest` of a day is at least the highest position of its events in the version of bronze scanned last.
// D2  A day that was made holds every event up to `readUpTo`: positions never leave the log of bronze, nor do rows.
// D3  Nothing but the end of a run brings its number into PostgreSQL, and the log of the lake has it from before its
//     first row. So after a run that did not come to its end, or with a database that is not of this lake, they differ.

/**
 * The days up to `upTo` whose gold is not what the lake would give now, oldest first: they have events and were never
 * made, have got events or their stock-out alerts have changed since, or a run of them did not come to its end. Exact but
 * for days that seem to have events that are rejects; those are named once for nothing.
 */
export async function dueDates(
  ports: DailyPorts,
  workshop: Workshop,
  { session, upTo }: { readonly session: Session; readonly upTo: string },
): Promise<readonly DayEntry[]> {
  await scanBronze(ports, session)
  const book = (await readBook(session)).filter(({ date }) => date <= upTo)
  const dates = book.flatMap(({ date, made }) => (made ? [date] : []))
  const alerts = await fingerprints(ports, workshop, dates)
  const runs = await lastRuns(ports)
  return book.filter(({ date, newest, made }) => {
    if (!made) return newest.size > 0 || runs(date) !== undefined
    return isBeyond(newest, made.readUpTo) || alerts(date) !== made.alerts || runs(date) !== made.run
  })
}

function isBeyond(newest: Positions, readUpTo: Positions): boolean {
  return [...newest].some(([partition, sequence]) => sequence > (readUpTo.get(partition) ?? -1))
}

/** Looks through the bronze files that are new since the last time, and enters in the book which days they have. */
async function scanBronze(ports: DailyPorts, session: Session): Promise<void> {
  const { bronze, log, clock } = ports
  const snapshot = await refresh(bronze)
  const before = await readScan(session)
  const known = before === undefined ? undefined : await bronzeAt(ports, before)
  const files = selectFiles(snapshot).filter(({ path }) => !known?.files.has(path))
  const found = new Map<string, Positions>()
  const note = (date: string, positions: Positions) => found.set(date, newer(found.get(date) ?? new Map(), positions))
  await atOnce(filesAtOnce, files, (file) => scanFile(ports, { file, snapshot, note }))
  await noteScan(session, { found, bronzeVersion: snapshot.version, nowMs: clock() })
  log('info', `daily batch: ${files.length} new files of ${bronze.root}, events of ${found.size} days in them`)
}

const filesAtOnce = 4

/** A version of bronze; undefined when its log does not go back so far, so that every file is looked at again. */
async function bronzeAt({ bronze, log }: DailyPorts, version: number): Promise<Snapshot | undefined> {
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
  readonly note: (date: string, positions: Positions) => void
}

/** The days of a file, and how far each partition goes in them; from its statistics when these leave no doubt. */
async function scanFile({ bronze }: DailyPorts, { file, snapshot, note }: Scan): Promise<void> {
  const { min, max } = fileView(snapshot.schema, file)
  if (typeof min.event_time === 'number' && typeof max.event_time === 'number' && typeof max.sequence === 'number') {
    const date = dateOf(min.event_time)
    if (
      date === dateOf(max.event_time) &&
      typeof min.partition_id === 'number' &&
      min.partition_id === max.partition_id
    ) {
      note(date, new Map([[min.partition_id, max.sequence]]))
      return
    }
  }
  const columns = ['event_time', 'partition_id', 'sequence']
  for await (const rows of readFile(bronze, file, { schema: snapshot.schema, columns })) {
    const days = new Map<number, Map<number, number>>()
    for (const { event_time, partition_id, sequence } of rows) {
      if (event_time === null) continue
      const day = Math.floor(Number(event_time) / dayMs)
      const ofDay = days.get(day) ?? new Map<number, number>()
      days.set(day, ofDay)
      const partition = Number(partition_id)
      ofDay.set(partition, Math.max(ofDay.get(partition) ?? -1, Number(sequence)))
    }
    for (const [day, positions] of days) note(dateOf(day * dayMs), positions)
  }
}

/**
 * For each of some days a text that stands for the stock-out alerts open in it, and for what part of it; the text of a
 * day without any is the same for all days.
 */
export async function fingerprints(
  { stockouts }: DailyPorts,
  workshop: Workshop,
  dates: readonly string[],
): Promise<(date: string) => string> {
  await know(workshop, { spec: goldStockout, table: stockouts, where: () => true })
  const texts = new Map<string, string>()
  if (dates.length > 0) {
    const days = dates.map((date) => `(${sqlText(date)}, ${startOf(date)}::BIGINT, ${startOf(date) + dayMs}::BIGINT)`)
    // Added up, so that no list of alerts has to be in memory.
    const result = await workshop.connection.runAndReadAll(
      `SELECT date, concat(count(*), '-', sum(md5_number_lower(concat_ws(chr(0), store_id, product_id, from_ms, to_ms))))
       FROM (${alertsOf(`(VALUES ${days.join(', ')})`, '(date, day_start, day_end)')}) GROUP BY date`,
    )
    for (const [date, text] of result.getRows()) texts.set(String(date), String(text))
  }
  return (date) => texts.get(date) ?? ''
}
