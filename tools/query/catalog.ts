// Tested in test/tools/query/session.test.ts.
import { type Store } from '../../src/lake/store'

/** A Delta table of the lake and the name it has in SQL. */
export interface LakeTable {
  readonly name: string
  /** Container and folder: `silver/sales_1m`. */
  readonly root: string
}

/** Containers in the order data flows. */
const layers = ['bronze', 'silver', 'gold'] as const

/** Every table of a store, ordered by layer and name: a folder with a `_delta_log` in bronze, silver or gold is one. */
export async function allTables(store: Store): Promise<readonly LakeTable[]> {
  return (await Promise.all(layers.map((layer) => tablesIn(store, layer)))).flat()
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

/** The table a name stands for if it is one of ours, without looking; undefined when no table can have that name. */
export function likelyTable(name: string): LakeTable | undefined {
  if (!/^\w+$/.test(name)) return undefined
  const lower = name.toLowerCase()
  const [, layer = 'silver', folder = lower] = /^(bronze|gold)_(.+)$/.exec(lower) ?? []
  return { name: lower, root: `${layer}/${folder}` }
}
