// Tested in test/tools/query/output.test.ts.
import { fileView, selectFiles } from '../../src/lake/scan'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { reasonOf } from '../../src/reason'
import { type Answer, type Value } from './answer'
import { instantText } from './at'
import { type LakeTable } from './catalog'
import { type Catalog } from './open-catalog'

/** The lake's tables: what a person wants to know before asking them, and why one cannot be asked. */
export async function tablesAnswer(catalog: Catalog): Promise<Answer> {
  const tables = await catalog.all()
  const rows = await Promise.all(
    tables.map(async (table) => {
      try {
        return rowOf(table, await catalog.snapshot(table))
      } catch (error) {
        return [table.name, null, null, null, null, null, `not readable here, because ${reasonOf(error)}`]
      }
    }),
  )
  return {
    columns: [
      { name: 'table', type: 'VARCHAR', kind: 'text' },
      { name: 'version', type: 'BIGINT', kind: 'number' },
      { name: 'rows', type: 'BIGINT', kind: 'number' },
      { name: 'files', type: 'BIGINT', kind: 'number' },
      { name: 'MB', type: 'DECIMAL(18,2)', kind: 'number' },
      { name: 'newest file', type: 'VARCHAR', kind: 'text' },
      { name: 'note', type: 'VARCHAR', kind: 'text' },
    ],
    // eslint-disable-next-line @typescript-eslint/require-await -- an answer is asynchronous, an array is not
    rows: (async function* () {
      yield* rows
    })(),
  }
}

function rowOf({ name }: LakeTable, snapshot: Snapshot): readonly Value[] {
  const { files, sizeBytes, changedMs, count } = totals(snapshot)
  const changed = changedMs === undefined ? null : instantText(changedMs)
  const foreign = (snapshot.schema.foreign ?? []).map((column) => column.name)
  const note = foreign.length === 0 ? null : `without ${foreign.join(', ')}: not readable here`
  return [name, snapshot.version, count ?? null, files, (sizeBytes / 1e6).toFixed(2), changed, note]
}

/** What the log knows of a table; the number of rows is unknown when any file has no statistics. */
function totals(snapshot: Snapshot): { files: number; sizeBytes: number; changedMs?: number; count?: number } {
  const files = selectFiles(snapshot)
  const counts = files.map((file) => fileView(snapshot.schema, file).numRecords)
  const known = counts.filter((count) => count !== undefined)
  return {
    files: files.length,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    ...(files.length > 0 && { changedMs: files.reduce((max, file) => Math.max(max, file.modifiedMs), 0) }),
    ...(known.length === counts.length && { count: known.reduce((sum, count) => sum + count, 0) }),
  }
}
