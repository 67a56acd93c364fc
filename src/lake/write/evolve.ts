import { attempt, stage } from '../log/entry'
import { type Action } from '../log/action'
import { checkSchema, fitSchema, fromSchemaString, type TableSchema, withColumns } from '../schema'
import { readSnapshot } from '../log/read-snapshot'
import { type Snapshot } from '../log/snapshot'
import { type Store } from '../store'

/** What an evolution needs from the world; a table's `Surroundings` have it. */
interface World {
  readonly clock: () => number
  readonly uuid: () => string
  readonly random: () => number
  readonly sleep: (delayMs: number) => Promise<unknown>
}

const tries = 100
const spreadMs = 20

/**
 * Brings the table to have every column of a schema, nullable ones it lacks added by a commit of its own, and returns the
 * state it then has. Any number may race, other writers go on: that the columns are there is all the proof needed, so
 * whose commit it was does not matter. Files written before stay as they are and read as null in the new columns.
 * Throws when the schemas differ in any other way, and when no try succeeds.
 */
export async function evolve(
  { store, root }: { readonly store: Store; readonly root: string },
  schema: TableSchema,
  { snapshot, world }: { readonly snapshot: Snapshot; readonly world: World },
): Promise<Snapshot> {
  let [newest, cause]: [Snapshot, unknown] = [snapshot, undefined]
  for (let tried = 0; tried < tries; tried++) {
    const fit = fitSchema(schema, newest.schema)
    switch (fit.kind) {
      case 'fits':
        return newest
      case 'differs':
        throw new Error(`delta table ${root}: ${fit.difference}; give the table a new root or migrate it`)
      case 'lacks': {
        const staged = await stage({ store, root }, additions(newest, schema, world), world.uuid())
        const outcome = await attempt(store, root, staged, newest.version + 1)
        if (outcome.kind === 'unknown') cause = outcome.cause
        if (outcome.kind !== 'committed') await world.sleep(world.random() * spreadMs)
        newest = (await readSnapshot(store, root, { from: newest })) ?? newest
        break
      }
      default: {
        const never: never = fit
        return never
      }
    }
  }
  throw new Error(`delta table ${root}: columns not added in ${tries} tries; try again`, { cause })
}

function additions({ metadata }: Snapshot, schema: TableSchema, { clock, uuid }: World): readonly Action[] {
  const schemaString = withColumns(metadata.schemaString, schema.columns)
  checkSchema(fromSchemaString(schemaString, metadata.partitionColumns))
  const operation = { operation: 'ADD COLUMNS', parameters: {}, isBlindAppend: false }
  return [
    { kind: 'commit-info', info: { timestampMs: clock(), txnId: uuid(), ...operation } },
    { kind: 'metadata', metadata: { ...metadata, schemaString } },
  ]
}
