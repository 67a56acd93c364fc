// Opening a table: created if absent (version 0), its schema evolved if it lacks columns. Both are plans for the loop
// in write/commit.ts.
// Tested in test/lake/write/commit.test.ts ("opening") and evolve.test.ts.

import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type Action } from './log/action'
import { checkWritable } from './log/features'
import { logFolder } from './log/log-name'
import { readSnapshot } from './log/read-snapshot'
import { type Snapshot } from './log/snapshot'
import { checkSchema, type TableSchema, toSchemaString } from './schema'
import { type Store } from './store'
import { type Surroundings, type Table } from './table'
import { openingActions } from './write/actions'
import { commitAfter, type CommitTarget, defaultRetry, type Plan } from './write/commit'
import { evolve } from './write/evolve'

/** What a table is created with when there is none; a table that is there keeps its own. */
interface Creation {
  /** Name and comment of the table's metadata. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** Properties of the table: `{ 'delta.logRetentionDuration': 'interval 60 days' }`. */
  readonly configuration?: Readonly<Record<string, string>>
}

/** Which table to open, and how. */
export interface OpenOptions extends Partial<Surroundings>, Creation {
  readonly store: Store
  readonly root: string
  /**
   * Creates the table when there is none. Nullable columns the table lacks are added to it; ones it has besides are left
   * to those who know them; any other difference is an error.
   */
  readonly schema?: TableSchema
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
  const target = { clock, uuid, random, sleep, store, root }
  const there = await readSnapshot(store, root)
  const found = there ?? (await create(target, schema, { name, description, configuration }))
  checkWritable(root, found)
  const snapshot = schema ? await evolve(target, schema, found) : found
  const seen = { snapshot, listedMs: clock() }
  return { ...target, schema: snapshot.schema, pinned, refreshAfterMs, seen }
}

/** Whether there is a table at `root`, by a listing of its log; throws when the store fails. */
export async function isTable(store: Store, root: string): Promise<boolean> {
  return (await store.list(logFolder(root))).length > 0
}

/** Commits version 0, unless another creator was faster; returns the state of the one table there is then. */
async function create(target: CommitTarget, schema: TableSchema | undefined, creation: Creation): Promise<Snapshot> {
  const { root, clock, uuid } = target
  if (!schema) throw new Error(`delta table ${root}: expected a table, found none; give a schema to create it`)
  checkSchema(schema)
  const id = uuid()
  const actions = creationActions(schema, { ...creation, id, nowMs: clock() })
  const plan = (found: Snapshot | undefined): Plan<Snapshot> =>
    found ? { kind: 'stop', result: found } : { kind: 'commit', actions }
  const end = await commitAfter(target, undefined, { plan, txnId: id, retry: defaultRetry })
  return end.kind === 'stopped' ? end.result : end.snapshot
}

function creationActions(
  schema: TableSchema,
  {
    id,
    nowMs,
    name,
    description,
    configuration = {},
  }: Creation & {
    /** Of the table, and of the commit that creates it. */
    readonly id: string
    readonly nowMs: number
  },
): readonly Action[] {
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
  return [
    ...openingActions(nowMs, { operation: 'CREATE TABLE', txnId: id, isBlindAppend: true }),
    { kind: 'protocol', protocol },
    { kind: 'metadata', metadata },
  ]
}
