// Tested in test/tools/verify/verify.test.ts.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reasonOf } from '../../src/reason'
import { atOnce } from '../../src/lake/at-once'
import { dataPath } from '../../src/lake/scan'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Store } from '../../src/lake/store'
import { type Engine, literal } from './engine'
import { goldTables } from './gold'
import { figureColumns, rollups } from './rollups'

/** The Delta tables, by the name they have in schema `lake`, and where they are. */
const roots: Readonly<Record<string, string>> = {
  bronze_events: 'bronze/events',
  bronze_gaps: 'bronze/gaps',
  ...Object.fromEntries(rollups.map(({ name }) => [name, `silver/${name}`])),
  gold_stockout: 'gold/stockout',
  ...Object.fromEntries(goldTables.map(({ name }) => [name, name.replace('_', '/')])),
}

const filesAtOnce = 8

/** What was found of the lake besides rows. */
export interface LakeReading {
  /** What cannot be read as the logs say, in words. */
  readonly faults: readonly string[]
  /** Columns nobody told this of, as `silver/sales_1m note`: somebody added them, and they are compared with nothing. */
  readonly strangers: readonly string[]
}

/**
 * Copies the newest version of every Delta table into schema `lake`: the log says which files, DuckDB reads them. A
 * table that is not there has no rows; what cannot be read is said, the rest is copied.
 */
export async function loadLake(engine: Engine, store: Store): Promise<LakeReading> {
  const faults: string[] = []
  const strangers: string[] = []
  for (const [table, root] of Object.entries(roots)) {
    try {
      const found = await loadTable(engine, { store, table, root })
      faults.push(...found.faults)
      strangers.push(...found.strangers)
    } catch (error) {
      faults.push(reasonOf(error))
    }
  }
  return { faults, strangers }
}

async function loadTable(
  engine: Engine,
  { store, table, root }: { readonly store: Store; readonly table: string; readonly root: string },
): Promise<LakeReading> {
  const snapshot = await readSnapshot(store, root)
  if (!snapshot) return { faults: [], strangers: [] }
  const known = await columnsIn(engine, `lake.${table}`)
  const local = join(engine.folder, table)
  const missing = await copyFiles(store, { root, snapshot, local })
  if (missing.length < snapshot.files.size) {
    const files = `read_parquet(${literal(join(local, '**', '*.parquet'))}, hive_partitioning = true, union_by_name = true)`
    const stored = await columnsIn(engine, files)
    const selected = known.filter((name) => stored.includes(name)).map((name) => selectedOf(table, name))
    await engine.connection.run(`INSERT INTO lake.${table} BY NAME SELECT ${selected.join(', ')} FROM ${files}`)
  }
  const { columns, foreign = [] } = snapshot.schema
  const strangers = [...columns, ...foreign].map(({ name }) => name).filter((name) => !known.includes(name))
  return {
    faults: missing.map((path) => `delta table ${root}: version ${snapshot.version} names ${path}, which is not there`),
    strangers: strangers.map((name) => `${root} ${name}`),
  }
}

async function columnsIn({ connection }: Engine, from: string): Promise<readonly string[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`)
  return described.getRows().map(([name]) => String(name))
}

/** A column as it is selected: sketches as hexadecimal digits. */
function selectedOf(table: string, name: string): string {
  const rollup = rollups.find((each) => each.name === table)
  const isSketch = name.endsWith('_sketch') && rollup && figureColumns(rollup).some((column) => column.name === name)
  return isSketch ? `lower(hex(${name})) AS ${name}` : name
}

/** Copies a snapshot's data files below a local folder, a few at a time; returns those that are not there. */
async function copyFiles(
  store: Store,
  { root, snapshot, local }: { readonly root: string; readonly snapshot: Snapshot; readonly local: string },
): Promise<readonly string[]> {
  const missing: string[] = []
  await atOnce(filesAtOnce, snapshot.files.values(), async (file) => {
    const bytes = await store.read(dataPath(root, file))
    if (!bytes) {
      missing.push(file.path)
      return
    }
    const path = join(local, file.path)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  })
  return missing
}
