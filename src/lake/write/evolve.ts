// Schema evolution (add columns), as a plan for the commit loop.

import { openingActions } from './actions'
import { commitAfter, type CommitTarget, defaultRetry, type Plan } from './commit'
import { checkSchema, fitSchema, fromSchemaString, type TableSchema, withColumns } from '../schema'
import { type Snapshot } from '../log/snapshot'

/**
 * Brings the table to have every column of a schema, nullable ones it lacks added by a commit of its own, and returns the
 * state it then has. `found` is a state just read. Any number may race, other writers go on: a writer that finds the
 * columns there is done, whose commit it was does not matter. Files written before stay as they are and read as null in
 * the new columns. Throws when the schemas differ in any other way, and when no try succeeds.
 */
export async function evolve(target: CommitTarget, schema: TableSchema, found: Snapshot): Promise<Snapshot> {
  const txnId = target.uuid()
  const plan = (snapshot: Snapshot): Plan<Snapshot> => {
    const fit = fitSchema(schema, snapshot.schema)
    switch (fit.kind) {
      case 'fits':
        return { kind: 'stop', result: snapshot }
      case 'differs':
        throw new Error(`delta table ${target.root}: ${fit.difference}; give the table a new root or migrate it`)
      case 'lacks': {
        const metadata = withSchema(snapshot, schema)
        const opening = { operation: 'ADD COLUMNS', txnId, isBlindAppend: false }
        return {
          kind: 'commit',
          actions: [...openingActions(target.clock(), opening), { kind: 'metadata', metadata }],
        }
      }
      default: {
        const never: never = fit
        return never
      }
    }
  }
  const end = await commitAfter(target, found, { plan, txnId, retry: defaultRetry })
  return end.kind === 'stopped' ? end.result : end.snapshot
}

function withSchema({ metadata }: Snapshot, schema: TableSchema): Snapshot['metadata'] {
  const schemaString = withColumns(metadata.schemaString, schema.columns)
  checkSchema(fromSchemaString(schemaString, metadata.partitionColumns))
  return { ...metadata, schemaString }
}
