import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection } from '@duckdb/node-api'
import { sqlText, withDuckDb } from '../../src/lake/duckdb'
import { unreadable } from '../../src/lake/schema'
import { type Store } from '../../src/lake/store'
import { reasonOf } from '../../src/reason'
import { type Answer, answerOf } from './answer'
import { type At } from './at'
import { type LakeTable } from './catalog'
import { near } from './near'
import { type Catalog, openCatalog } from './open-catalog'
import { parse } from './parse'
import { neededFiles } from './prune'
import { sketchMacros } from './sketch-macros'
import { tablesAnswer } from './tables-answer'
import { type TableUse } from './tree'
import { writeParquet } from './write-parquet'
import { type Copies, copyFiles, createView, type View } from './view'

/** SQL over a lake. Each statement sees the tables as they are when it begins; one statement at a time. */
export interface Session {
  readonly catalog: Catalog
  /** The answer to one statement that reads; throws what people should read when there is none. */
  ask(sql: string, options?: { readonly at?: At | undefined }): Promise<Answer>
  /** The answer to a SELECT as a Parquet file in the session's folder, which goes with the session. */
  askParquet(sql: string, options?: { readonly at?: At | undefined }): Promise<{ path: string; rows: number }>
  /** Ends the statement under way with an error. */
  interrupt(): void
}

export interface SessionOptions {
  /** Given, no further file is fetched. */
  readonly signal?: AbortSignal
  /** Told how far a fetch has come when it takes long. */
  readonly progress?: (text: string) => void
  /** When the newest state of a table is looked up: at each statement, or once for all statements. */
  readonly newest?: 'each time' | 'once'
  readonly memoryLimit?: string
}

/**
 * Runs work with a session over a store. Data files are copied to this machine as statements need them and are gone
 * afterwards; SQL reaches nothing but those copies.
 */
export async function withSession<T>(
  store: Store,
  work: (session: Session) => Promise<T>,
  {
    signal = new AbortController().signal,
    progress = () => undefined,
    newest = 'each time',
    memoryLimit = '1GB',
  }: SessionOptions = {},
): Promise<T> {
  return withDuckDb(
    async ({ connection, folder }) => {
      const open = join(folder, 'lake')
      await mkdir(open)
      await confine(connection, open)
      const copies: Copies = { store, folder: open, have: new Map(), signal, progress }
      return work(openSession(connection, { catalog: openCatalog(store, { newest }), copies }))
    },
    { memoryLimit, threads: availableParallelism() },
  )
}

/** Lets SQL read and write the folder of the copies and nothing else on this machine or beyond, for good. */
async function confine(connection: DuckDBConnection, folder: string): Promise<void> {
  for (const macro of sketchMacros) await connection.run(macro)
  // A stream leaves many small files behind until they are compacted, and each statement would open each of them twice.
  await connection.run('SET parquet_metadata_cache = true')
  await connection.run(`SET allowed_directories = [${sqlText(folder)}]`)
  await connection.run('SET enable_external_access = false')
  await connection.run('SET lock_configuration = true')
}

function openSession(
  connection: DuckDBConnection,
  { catalog, copies }: { readonly catalog: Catalog; readonly copies: Copies },
): Session {
  let files = 0
  const views = new Map<string, View>()
  const prepare = async (sql: string, at: At | undefined): Promise<'lists tables' | readonly View[]> => {
    copies.signal.throwIfAborted()
    const { tables, defined, listsTables } = await parse(connection, sql)
    if (listsTables) return 'lists tables'
    const named = await findTables(catalog, { tables, defined })
    if (at?.kind === 'version' && named.size > 1) {
      const names = [...named.keys()].map(({ name }) => name).join(', ')
      throw new Error(`at: expected one table with a version, the statement reads ${names}; give a time instead`)
    }
    const asked: View[] = []
    for (const [table, uses] of named) {
      const snapshot = await catalog.snapshot(table, at)
      const needed = await neededFiles(connection, snapshot, uses)
      const paths = await copyFiles(copies, table, { files: needed, snapshot })
      const view = { name: table.name, schema: snapshot.schema, paths }
      if (!isSame(views.get(table.name), view)) await createView(connection, view)
      views.set(table.name, view)
      asked.push(view)
    }
    return asked
  }
  return {
    catalog,
    ask: async (sql, { at } = {}) => {
      const asked = await prepare(sql, at)
      if (asked === 'lists tables') return tablesAnswer(catalog)
      return explaining(asked, async () => answerOf(await connection.stream(sql)))
    },
    askParquet: async (sql, { at } = {}) => {
      const asked = await prepare(sql, at)
      const path = join(copies.folder, `answer-${files++}.parquet`)
      const rows = await explaining(asked, () => writeParquet(connection, sql, path))
      return { path, rows }
    },
    interrupt: () => connection.interrupt(),
  }
}

/** Runs a statement; where DuckDB misses a column that the view leaves out, the error says why it is left out. */
async function explaining<T>(asked: 'lists tables' | readonly View[], run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    const [missed = ''] = reasonOf(cause).toLowerCase().split('\n')
    if (asked === 'lists tables' || !missed.includes('binder error: ')) throw cause
    for (const { name, schema } of asked) {
      const column = schema.foreign?.find((foreign) => missed.includes(`"${foreign.name.toLowerCase()}"`))
      if (column) throw new Error(`query: ${name} column ${unreadable(column)}`, { cause })
    }
    throw cause
  }
}

function isSame(before: View | undefined, { schema, paths }: View): boolean {
  return before?.schema === schema && before.paths.join('\n') === paths.join('\n')
}

/** The lake's tables among the names a statement mentions; throws on a name that is none and that WITH does not define. */
async function findTables(
  catalog: Catalog,
  { tables, defined }: { readonly tables: readonly TableUse[]; readonly defined: ReadonlySet<string> },
): Promise<ReadonlyMap<LakeTable, readonly TableUse[]>> {
  const byName = new Map<string, TableUse[]>()
  for (const use of tables) byName.set(use.name.toLowerCase(), [...(byName.get(use.name.toLowerCase()) ?? []), use])
  const found = new Map<LakeTable, readonly TableUse[]>()
  for (const [name, uses] of byName) {
    const table = await catalog.find(name)
    if (table) found.set(table, uses)
    else if (!defined.has(name)) throw await unknownTable(catalog, uses[0]?.name ?? name)
  }
  return found
}

/** The error for a name the lake does not have: what it may have meant, and what there is. */
export async function unknownTable(catalog: Catalog, name: string): Promise<Error> {
  const names = (await catalog.all()).map((table) => table.name)
  if (names.length === 0) return new Error(`query: no table ${name}, the lake has none yet; run \`npm start\` first`)
  const meant = near(name, names)
  const hint = meant.length > 0 ? `did you mean ${meant.join(', ')}?` : `there are ${names.join(', ')}`
  return new Error(`query: no table ${name} in the lake; ${hint}`)
}
