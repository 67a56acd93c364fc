// Tested in test/sim/crash/simulation.test.ts.
import { type Rules } from '../src/fold/rules'
import { type Store } from '../src/lake/store'
import { openTable } from '../src/lake/open-table'
import { type Surroundings, type Table } from '../src/lake/table'
import { dailyTables } from '../src/pipeline/daily/tables'
import { type LakeTables } from '../src/pipeline/ports'
import { openDerived } from '../src/pipeline/rows/stamp'
import { bronzeEvents, bronzeGaps, derivedTables, scaled, type ScaledSpec } from '../src/pipeline/rows/tables'

/** Opens every table of a lake, one after the other, creating those that are not there; as the app does it. */
export async function openLake(
  store: Store,
  { rules, ...surroundings }: Partial<Surroundings> & { readonly rules: Rules },
): Promise<LakeTables> {
  const open = ({ name, root, schema }: ScaledSpec) => openTable({ store, root, schema, name, ...surroundings })
  const bronze = await open(bronzeEvents)
  const gaps = await open(bronzeGaps)
  const derived = new Map<string, Table>()
  for (const spec of derivedTables(rules)) {
    derived.set(spec.name, await openDerived(store, spec, { rules, ...surroundings }))
  }
  const daily = new Map<string, Table>()
  for (const { spec } of dailyTables) daily.set(spec.name, await open(scaled(spec, rules.minorDigits)))
  return { bronze, gaps, derived, daily }
}
