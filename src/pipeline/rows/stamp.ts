// Tested in test/pipeline/stream/ingest.test.ts.
import { rollupRulesId, type Rules, rulesId, stockoutRulesId } from '../../fold/rules'
import { configure } from '../../lake/write/configure'
import { type Store } from '../../lake/store'
import { readSnapshot } from '../../lake/log/read-snapshot'
import { type Snapshot } from '../../lake/log/snapshot'
import { openTable } from '../../lake/open-table'
import { type Surroundings, type Table } from '../../lake/table'
import { type SinkPosition } from '../../warehouse/live'
import { type ScaledSpec } from './tables'

/*
 * Which rules folded a table's rows is a property of the table, so that a commit under other rules is refused by the
 * log itself, and anybody who reads the table can see it. A table depends on its own rollup and on how time passes.
 */

/** The table property that holds the identity of the rules. */
export const rulesProperty = 'tillstream.rules'

/** With a date behind it, `tillstream.rules.before.2026-03-02`: the rules of dates before that one. */
const earlierProperty = `${rulesProperty}.before.`

/** Identity of the rules that the rows of a silver or gold table are to be folded by. */
export function rulesOf(rules: Rules, table: string): string {
  const rollup = rules.rollups.find(({ name }) => name === table)
  return rollup ? rollupRulesId(rules, rollup) : stockoutRulesId(rules)
}

/** Identity of the rules that a table's rows were folded by; undefined when it does not say. */
export function stampOf({ metadata }: Snapshot): string | undefined {
  return metadata.configuration[rulesProperty]
}

/** The properties of a table that is rewritten under other rules: whole, or for a date and those after it. */
export function stamped(
  configuration: Readonly<Record<string, string>>,
  { rules, from }: { readonly rules: string; readonly from: string | undefined },
): Readonly<Record<string, string>> {
  const entries = Object.entries(configuration).sort(([a], [b]) => (a < b ? -1 : 1))
  const others = entries.filter(([name]) => name !== rulesProperty && !name.startsWith(earlierProperty))
  if (from === undefined) return { ...Object.fromEntries(others), [rulesProperty]: rules }
  // By date: each names the rules of the dates before its own, back to the one before it.
  const boundaries = entries.filter(([name]) => name.startsWith(earlierProperty))
  const staying = boundaries.filter(([name]) => name < earlierProperty + from)
  // The last dates that stay were folded by the rules of the first boundary that goes, or by the table's.
  const [, rulesBefore = configuration[rulesProperty]] = boundaries[staying.length] ?? []
  const isBoundary = rulesBefore !== undefined && rulesBefore !== rules
  return {
    ...Object.fromEntries([...others, ...staying]),
    ...(isBoundary && { [earlierProperty + from]: rulesBefore }),
    [rulesProperty]: rules,
  }
}

/** Writes the rules into the tables of a lake that has no events yet. */
export async function stampTables(tables: ReadonlyMap<string, Table>, rules: Rules): Promise<void> {
  await Promise.all(Array.from(tables, ([name, table]) => configure(table, { [rulesProperty]: rulesOf(rules, name) })))
}

/**
 * Opens a silver or gold table for the stream, creating it when it is not there. From then on nothing is committed to it
 * but under these rules. Throws, naming the table and both rules, when other rules have given it another schema.
 */
export async function openDerived(
  store: Store,
  { name, root, schema }: ScaledSpec,
  { rules, ...surroundings }: Partial<Surroundings> & { readonly rules: Rules },
): Promise<Table> {
  const pinned = { [rulesProperty]: rulesOf(rules, name) }
  try {
    return await openTable({ store, root, schema, name, pinned, ...surroundings })
  } catch (cause) {
    const snapshot = await readSnapshot(store, root)
    const found = snapshot && stampOf(snapshot)
    if (found === undefined || found === rulesOf(rules, name)) throw cause
    throw new Error(refusal(root, found, rulesOf(rules, name)), { cause })
  }
}

/** A table of a lake that has events. */
interface Folded {
  readonly name: string
  readonly root: string
  readonly snapshot: Snapshot
}

/** Throws, naming the table and both rules, when a table's rows were folded by others. */
export function checkTable(rules: Rules, { name, root, snapshot }: Folded): void {
  const [found, wanted] = [stampOf(snapshot), rulesOf(rules, name)]
  if (found === wanted) return
  if (found === undefined && snapshot.txns.size === 0) {
    throw new Error(`${root} is new and lacks what bronze holds already; run npm run rebuild to fold it from there`)
  }
  throw new Error(refusal(root, found, wanted))
}

/** Throws, naming both rules, when PostgreSQL's rows of a partition were folded by others. */
export function checkSink(rules: Rules, sink: SinkPosition | undefined): void {
  const wanted = rulesId(rules)
  if (sink && sink.rules !== wanted) throw new Error(refusal('postgres', sink.rules || undefined, wanted))
}

function refusal(what: string, found: string | undefined, wanted: string): string {
  const was = found === undefined ? 'does not say which rules folded it' : `was folded by "${found}"`
  return `${what} ${was}, this is "${wanted}"; run npm run rebuild -- --from DATE, or deploy the earlier version`
}
