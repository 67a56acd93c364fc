import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Store } from '../../src/lake/store'
import { type At, resolveAt } from './at'

/** A Delta table of the lake and the name it has in SQL. */
export interface LakeTable {
  readonly name: string
  /** Container and folder: `silver/sales_1m`. */
  readonly root: string
}

/** The tables of a lake. */
export interface Catalog {
  /** The table of that name in any case, or undefined. */
  find(name: string): Promise<LakeTable | undefined>
  /** Every table, ordered by layer and name. */
  all(): Promise<readonly LakeTable[]>
  /** A table's state: the newest, or the one asked for; throws, listing what there is, when that cannot be read. */
  snapshot(table: LakeTable, at?: At): Promise<Snapshot>
}

/** Containers in the order data flows. */
const layers = ['bronze', 'silver', 'gold'] as const

/**
 * Opens the catalog of a store: every folder with a `_delta_log` in the containers bronze, silver and gold is a table.
 * `newest` says when the newest state is looked up: at each asking, or once, so that several questions get answers of
 * one moment.
 */
export function openCatalog(
  store: Store,
  { newest = 'each time' }: { readonly newest?: 'each time' | 'once' } = {},
): Catalog {
  const seen = new Map<string, Snapshot>()
  const all = async () => (await Promise.all(layers.map((layer) => tablesIn(store, layer)))).flat()
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

async function tablesIn(store: Store, layer: (typeof layers)[number]): Promise<readonly LakeTable[]> {
  const roots = new Set<string>()
  for (const { path } of await store.list(layer)) {
    const end = path.indexOf('/_delta_log/')
    if (end > layer.length) roots.add(path.slice(0, end))
  }
  return [...roots].sort().map((root) => ({ name: nameOf(root, layer), root }))
}

/** `bronze/events` is bronze_events, `gold/daily_sales` gold_daily_sales; silver, which people ask most, goes without. */
function nameOf(root: string, layer: string): string {
  const folder = root.slice(layer.length + 1).replaceAll('/', '_')
  return layer === 'silver' ? folder : `${layer}_${folder}`
}

function likelyTable(name: string): LakeTable | undefined {
  if (!/^\w+$/.test(name)) return undefined
  const lower = name.toLowerCase()
  const [, layer = 'silver', folder = lower] = /^(bronze|gold)_(.+)$/.exec(lower) ?? []
  return { name: lower, root: `${layer}/${folder}` }
}
