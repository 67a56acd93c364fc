// Tested in test/sim/soak/soak.test.ts.
import { createHash } from 'node:crypto'
import { readRows } from '../../src/lake/scan'
import { type Store } from '../../src/lake/store'
import { openTable } from '../../src/lake/open-table'
import { bronzeEvents } from '../../src/pipeline/rows/tables'

/** What the hub has acknowledged, by the bytes of each event: an id may be missing from a malformed one, bytes never are. */
export interface Ledger {
  add(bodies: readonly Uint8Array[]): void
  /** Events acknowledged; what the generator sends twice counts twice. */
  acknowledged(): number
  /** Holds the ledger against the bronze table. */
  audit(store: Store): Promise<Audit>
}

export interface Audit {
  /** Rows of bronze but for the app's own heartbeats. */
  readonly rows: number
  /** Acknowledged events that bronze does not have, each once. */
  readonly lost: number
  /** Rows at a position that another row has already. */
  readonly duplicated: number
  /** Partitions that events came from, heartbeats apart. */
  readonly partitions: number
}

const digest = (body: Uint8Array) => createHash('sha1').update(body).digest('base64')

/** An empty ledger. Memory: some hundred bytes for each event. */
export function openLedger(): Ledger {
  const owed = new Set<string>()
  let acknowledged = 0
  return {
    add: (bodies) => {
      acknowledged += bodies.length
      for (const body of bodies) owed.add(digest(body))
    },
    acknowledged: () => acknowledged,
    audit: (store) => audit(store, owed),
  }
}

async function audit(store: Store, owed: ReadonlySet<string>): Promise<Audit> {
  const table = await openTable({ store, root: bronzeEvents.root })
  const found = new Set<string>()
  const positions = new Set<string>()
  const partitions = new Set<unknown>()
  let [rows, heartbeats] = [0, 0]
  const columns = ['partition_id', 'sequence', 'item', 'type', 'body']
  for await (const group of readRows(table, table.seen.snapshot, { columns })) {
    for (const { partition_id, sequence, item, type, body } of group) {
      rows += 1
      if (type === 'pulse') heartbeats += 1
      else partitions.add(partition_id)
      positions.add(`${String(partition_id)}/${String(sequence)}/${String(item)}`)
      if (body instanceof Uint8Array) found.add(digest(body))
    }
  }
  const lost = [...owed].filter((body) => !found.has(body)).length
  return { rows: rows - heartbeats, lost, duplicated: rows - positions.size, partitions: partitions.size }
}
