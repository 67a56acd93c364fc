// Tested in test/tools/query/session.test.ts.
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Store } from '../../src/lake/store'
import { type At, resolveAt } from './at'
import { allTables, type LakeTable, likelyTable } from './catalog'

/** The tables of a lake. */
export interface Catalog {
  /** The table of that name in any case, or undefined. */
  find(name: string): Promise<LakeTable | undefined>
  /** Every table, ordered by layer and name. */
  all(): Promise<readonly LakeTable[]>
  /** A table's state: the newest, or the one asked for; throws, listing what there is, when that cannot be read. */
  snapshot(table: LakeTable, at?: At): Promise<Snapshot>
}

/**
 * Opens the catalog of a store. `newest` says when the newest state is looked up: at each asking, or once, so that
 * several questions get answers of one moment.
 */
export function openCatalog(
  store: Store,
  { newest = 'each time' }: { readonly newest?: 'each time' | 'once' } = {},
): Catalog {
  const seen = new Map<string, Snapshot>()
  const all = () => allTables(store)
  const latest = async (root: string) => {
    const before = seen.get(root)
    if (before && newest === 'once') return before
    const snapshot = await readSnapshot(store, root, before ? { from: before } : {})
    if (snapshot) seen.set(root, snapshot)
    return snapshot
  }
  return {
    all,
    async find(name) {
      // Listing a large lake takes long, and our own tables are where their name says.
      const likely = likelyTable(name)
      if (likely && (await latest(likely.root))) return likely
      return (await all()).find((table) => table.name.toLowerCase() === name.toLowerCase())
    },
    async snapshot(table, at) {
      const { name, root } = table
      const snapshot = at
        ? await readSnapshot(store, root, { version: await resolveAt(store, table, at) })
        : await latest(root)
      if (!snapshot) throw new Error(`query: expected table ${name} at ${root}, found none; was it dropped?`)
      return snapshot
    },
  }
}
