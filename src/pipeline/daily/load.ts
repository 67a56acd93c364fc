// Tested in test/pipeline/daily/run.test.ts.
import { sqlText } from '../../lake/duckdb'
import { type FileView, mayHold, selectFiles } from '../../lake/scan'
import { type Snapshot } from '../../lake/log/snapshot'
import { fetchFiles } from './fetch'
import { type DailyPorts } from './ports'
import { dropDuplicates, loadEvents } from './event-table'
import { byShare, type Workshop } from './workshop'

/** What was taken out of bronze for a day. */
export interface Loaded {
  /** Bronze files that may hold events of the day. */
  readonly files: number
  /** Events of the day, duplicates not counted. */
  readonly events: number
  readonly sales: number
  /** Events left out because an earlier one of the day has their id and store. */
  readonly duplicates: number
}

/**
 * Fills `event` with the events in a version of bronze that are of the day by the calendar of their store, an id of a store once, the first by time
 * of arrival. No calendar has the day begin before `startMs` or end after `endMs`.
 */
export async function loadDay(
  ports: DailyPorts,
  workshop: Workshop,
  { bronze, startMs, endMs }: { readonly bronze: Snapshot; readonly startMs: number; readonly endMs: number },
): Promise<Loaded> {
  const { connection, folder } = workshop
  const where = (file: FileView) => mayHold(file, 'event_time', [startMs, endMs - 1])
  const files = selectFiles(bronze, { where })
  await fetchFiles(ports.bronze, { files, folder }, async (group) => {
    await connection.run(loadEvents(group.map(({ path }) => sqlText(path)).join(', ')))
  })
  const counted = await count(connection)
  await byShare(workshop, counted.events, () => connection.run(dropDuplicates))
  const left = await count(connection)
  return { files: files.length, ...left, duplicates: counted.events - left.events }
}

async function count(connection: Workshop['connection']): Promise<{ events: number; sales: number }> {
  const result = await connection.runAndReadAll(`SELECT count(*), count(*) FILTER (type = 'sale') FROM event`)
  const [events, sales] = result.getRows()[0] ?? []
  return { events: Number(events), sales: Number(sales) }
}
