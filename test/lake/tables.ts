import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readRows } from '../../src/lake/scan'
import { type Column, type ColumnType, type Row, type TableSchema } from '../../src/lake/schema'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Store } from '../../src/lake/store'
import { type OpenOptions, openTable } from '../../src/lake/open-table'
import { prepareAppend } from '../../src/lake/write/append'
import { writeCheckpoint } from '../../src/lake/upkeep/checkpoint'
import { refresh, type Table } from '../../src/lake/table'
import { swap, type SwapResult } from '../../src/lake/write/swap'
import { memoryStore } from './store/memory-store'

/** A column in one word. */
export function column(name: string, type: ColumnType, nullable: 'null' | 'not null' = 'null'): Column {
  return { name, type, nullable: nullable === 'null' }
}

/** A small table partitioned by date. */
export const salesSchema: TableSchema = {
  columns: [
    column('date', 'date', 'not null'),
    column('store', 'string', 'not null'),
    column('revenue', 'decimal(18,2)', 'not null'),
  ],
  partitionBy: ['date'],
}

export function sale(date: string, store: string, revenue: number): Row {
  return { date, store, revenue }
}

/** Opens or creates a table with a clock that ticks a second a look, and retries that do not wait. */
export function openSales(store: Store, options: Partial<OpenOptions> = {}): Promise<Table> {
  let ms = Date.UTC(2010, 11, 1)
  const clock = () => (ms += 1000)
  return openTable({
    store,
    root: 'lake/sales',
    schema: salesSchema,
    name: 'sales',
    clock,
    sleep: () => Promise.resolve(),
    ...options,
  })
}

/** Makes rows the whole content of the partitions with these values, in one commit. */
export async function replaceRows(
  table: Table,
  partition: Readonly<Record<string, string>>,
  rows: readonly Row[],
): Promise<SwapResult> {
  const { adds } = await prepareAppend(table, rows)
  return swap(table, {
    adds,
    replaces: ({ partitionValues }) =>
      Object.keys(partition).every((name) => partitionValues[name] === partition[name]),
    positions: [],
    covers: () => true,
    schema: table.schema,
    configure: (found) => found,
    operation: 'WRITE',
  })
}

/** Checkpoints the newest state as Spark does past a retention of positions: those of these applications are left out. */
export async function forgetfulCheckpoint(table: Table, forgets: (appId: string) => boolean): Promise<void> {
  const snapshot = await refresh(table)
  const txns = new Map([...snapshot.txns].filter(([appId]) => !forgets(appId)))
  await writeCheckpoint({ ...table, seen: { ...table.seen, snapshot: { ...snapshot, txns } } })
}

/** All rows of a snapshot, in the order of a given column's text. */
export async function allRows(table: { store: Store; root: string }, snapshot: Snapshot, by: string): Promise<Row[]> {
  const rows: Row[] = []
  for await (const chunk of readRows(table, snapshot)) rows.push(...chunk)
  return rows.sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1))
}

/** The same store, counting the calls of each verb on paths that contain a text. */
export function counting(store: Store): { store: Store; count: (call: keyof Store, path: string) => number } {
  const calls: { call: keyof Store; path: string }[] = []
  const note = (call: keyof Store, path: string) => void calls.push({ call, path })
  return {
    count: (call, path) => calls.filter((seen) => seen.call === call && seen.path.includes(path)).length,
    store: {
      read: (path, range) => (note('read', path), store.read(path, range)),
      list: (prefix, options) => (note('list', prefix), store.list(prefix, options)),
      put: (path, bytes) => (note('put', path), store.put(path, bytes)),
      rename: (from, to) => (note('rename', to), store.rename(from, to)),
      remove: (path) => (note('remove', path), store.remove(path)),
    },
  }
}

/** A memory store with the files of a folder on disk, below `root`. */
export async function storeOfFolder(folder: string, root: string): Promise<Store> {
  const store = memoryStore({ nowMs: () => 0 })
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (statSync(path).isFile()) await store.put(`${root}/${relative(folder, path)}`, readFileSync(path))
  }
  return store
}
