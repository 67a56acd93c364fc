// Tested in test/local/start.test.ts.
import { bronzeEvents } from '../../src/pipeline/rows/tables'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { fileView, selectFiles } from '../../src/lake/scan'
import { type Store } from '../../src/lake/store'

/**
 * The newest event time in bronze, heartbeats included, epoch milliseconds: no partition's watermark is beyond it.
 * -Infinity for an empty lake; Infinity where a file's statistics do not tell.
 */
export async function newestEventMs(store: Store): Promise<number> {
  const snapshot = await readSnapshot(store, bronzeEvents.root)
  if (!snapshot) return -Infinity
  return selectFiles(snapshot).reduce((newestMs, file) => {
    const { max, nullCount, numRecords } = fileView(snapshot.schema, file)
    if (numRecords !== undefined && nullCount.event_time === numRecords) return newestMs
    const ms = max.event_time
    return Math.max(newestMs, ms === undefined || ms === null ? Infinity : Number(ms))
  }, -Infinity)
}
