import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { attempt, stage } from './log/entry'
import { evolve } from './write/evolve'
import { type Action } from './log/action'
import { checkSchema, type TableSchema, toSchemaString } from './schema'
import { readSnapshot } from './log/read-snapshot'
import { checkWritable, type Snapshot } from './log/snapshot'
import { type Store } from './store'

/** What a table needs from the world besides its store; the defaults are the real ones. */
export interface Surroundings {
  /** Epoch milliseconds. */
  readonly clock: () => number
  readonly uuid: () => string
  /** Uniform in [0, 1): spreads retries. */
  readonly random: () => number
  readonly sleep: (delayMs: number) => Promise<unknown>
}

/** An open table. It remembers the newest state it has seen, so that an append need not list the log. */
export interface Table extends Surroundings {
  readonly store: Store
  /** Container and folder, without a slash at either end: `bronze/events`. */
  readonly root: string
  /** The schema rows are written with: the table's when it was opened, which may have got nullable columns since. */
  readonly schema: TableSchema
  /** Properties the writer's rows depend on: nothing is committed to a table that has others. */
  readonly pinned: Readonly<Record<string, string>>
  readonly refreshAfterMs: number
  readonly seen: { snapshot: Snapshot; listedMs: number }
}

export interface OpenOptions extends Partial<Surroundings> {
  readonly store: Store
  readonly root: string
  /**
   * Creates the table when there is none. Nullable columns the table lacks are added to it; ones it has besides are left
   * to those who know them; any other difference is an error.
   */
  readonly schema?: TableSchema
  /** Name and comment of the table's metadata when it is created. */
  readonly name?: string
  readonly description?: string
  /** Properties of the table when it is created: `{ 'delta.logRetentionDuration': 'interval 60 days' }`. */
  readonly configuration?: Readonly<Record<string, string>>
  /** Properties without which nothing is committed, whoever changes them; the table may lack them when it is opened. */
  readonly pinned?: Readonly<Record<string, string>>
  /**
   * A remembered state older than this is listed anew before a commit. Far below any log retention: a writer that
   * slept until the log was cleaned up could otherwise take the number of a deleted entry.
   */
  readonly refreshAfterMs?: number
}

/**
 * Opens the table at `root`, creating it (version 0) when there is none and a schema is given. Any number of creators
 * may race: one wins, the others open its table. Nullable columns that are new in the schema are added. Throws when there
 * is neither table nor schema, when the schemas differ otherwise, and when the table needs a later protocol.
 *
 * @example
 * const sales = await openTable({ store, root: 'silver/sales_1m', schema, name: 'sales_1m' })
 */
export async function openTable({
  store,
  root,
  schema,
  name,
  description,
  configuration = {},
  pinned = {},
  refreshAfterMs = 10 * 60_000,
  clock = Date.now,
  uuid = randomUUID,
  random = Math.random,
  sleep = wait,
}: OpenOptions): Promise<Table> {
  const world = { clock, uuid, random, sleep }
  const there = await readSnapshot(store, root)
  const found = there ?? (await create(store, root, { schema, name, description, configuration, world }))
  checkWritable(root, found.protocol)
  const snapshot = schema ? await evolve({ store, root }, schema, { snapshot: found, world }) : found
  const seen = { snapshot, listedMs: clock() }
  return { ...world, store, root, schema: snapshot.schema, pinned, refreshAfterMs, seen }
}

async function create(
  store: Store,
  root: string,
  options: {
    readonly schema: TableSchema | undefined
    readonly name: string | undefined
    readonly description: string | undefined
    readonly configuration: Readonly<Record<string, string>>
    readonly world: Surroundings
  },
): Promise<Snapshot> {
  const { schema, world } = options
  if (!schema) throw new Error(`delta table ${root}: expected a table, found none; give a schema to create it`)
  checkSchema(schema)
  const nowMs = world.clock()
  const { name, description, configuration } = options
  const actions = creation(schema, { nowMs, id: world.uuid(), name, description, configuration })
  const staged = await stage({ store, root }, actions, world.uuid())
  const outcome = await attempt(store, root, staged, 0)
  const snapshot = await readSnapshot(store, root)
  if (snapshot) return snapshot
  const cause = outcome.kind === 'unknown' ? outcome.cause : undefined
  throw new Error(`delta table ${root}: could not be created; try again`, { cause })
}

function creation(
  schema: TableSchema,
  table: {
    readonly nowMs: number
    readonly id: string
    readonly name: string | undefined
    readonly description: string | undefined
    readonly configuration: Readonly<Record<string, string>>
  },
): readonly Action[] {
  const { nowMs, id, name, description, configuration } = table
  const metadata = {
    id,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    schemaString: toSchemaString(schema),
    partitionColumns: schema.partitionBy,
    configuration,
    createdMs: nowMs,
  }
  const protocol = { minReaderVersion: 1, minWriterVersion: 2, readerFeatures: [], writerFeatures: [] }
  const info = { timestampMs: nowMs, operation: 'CREATE TABLE', parameters: {}, txnId: id, isBlindAppend: true }
  return [
    { kind: 'commit-info', info },
    { kind: 'protocol', protocol },
    { kind: 'metadata', metadata },
  ]
}

/** The newest state, by a listing of the log after the one remembered; remembers it. */
export async function refresh(table: Table): Promise<Snapshot> {
  const listedMs = table.clock()
  const snapshot = await readSnapshot(table.store, table.root, { from: table.seen.snapshot })
  if (!snapshot) throw new Error(`delta table ${table.root}: expected a log, found none; was the table dropped?`)
  table.seen.listedMs = listedMs
  return remember(table, snapshot)
}

/** The remembered state, refreshed when it is older than `refreshAfterMs`. */
export async function recent(table: Table): Promise<Snapshot> {
  const stale = table.clock() - table.seen.listedMs > table.refreshAfterMs
  return stale ? refresh(table) : table.seen.snapshot
}

/** Keeps a state unless a newer one is known already, and returns the newer: callers overlap, the last may be behind. */
export function remember(table: Table, snapshot: Snapshot): Snapshot {
  if (snapshot.version > table.seen.snapshot.version) table.seen.snapshot = snapshot
  return table.seen.snapshot
}
