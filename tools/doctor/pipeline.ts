// Tested in test/tools/doctor.test.ts and doctor/judge.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { foldRules, openStore } from '../../src/app/ports'
import { rulesId } from '../../src/fold/rules'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { rulesOf, stampOf } from '../../src/pipeline/rows/stamp'
import { bronzeEvents, bronzeGaps, derivedTables } from '../../src/pipeline/rows/tables'
import { measureLag, type Behind } from '../../local/stack/caught-up'
import { numberedAsLake } from '../../src/pipeline/stream/numbering'
import { type Check, fault, type Finding, ok, warn } from './check'
import { withReader } from './hub'
import { withWarehouse } from './postgres'
import { settingsOf, type Subject } from './subject'
import { differenceOf, isOfSettings } from '../../local/stack/rules-difference'

/** Whether the stream can go on, and does. */
export const pipelineChecks: readonly Check[] = [
  {
    group: 'pipeline',
    name: 'rules of the lake',
    needs: ['containers'],
    run: checkLakeRules,
    fix: 'look at the Delta log of the table named',
  },
  {
    group: 'pipeline',
    name: 'rules of postgres',
    needs: ['migrations'],
    run: checkSinkRules,
    fix: 'run npm run rebuild -- --tables postgres',
  },
  {
    group: 'pipeline',
    name: 'lost messages',
    needs: ['containers'],
    run: checkGaps,
    fix: 'look at the Delta log of bronze/gaps',
  },
  {
    group: 'pipeline',
    name: 'behind',
    needs: ['hub', 'migrations'],
    run: checkBehind,
    fix: 'look at what ingest logs; locally that is host.log in the data folder',
  },
]

async function checkLakeRules(subject: Subject): Promise<readonly Finding[]> {
  const settings = settingsOf(subject)
  const rules = foldRules(settings)
  const store = await openStore(settings)
  const bronze = await readSnapshot(store, bronzeEvents.root)
  if (!bronze || bronze.txns.size === 0) return [ok('no events yet: whatever the settings say will be the rules')]
  const judged = await Promise.all(
    derivedTables(rules).map(async ({ name, root }) => ({
      root,
      difference: differenceIn(await readSnapshot(store, root), rulesOf(rules, name)),
    })),
  )
  const differing = judged.filter(
    (table): table is { root: string; difference: string } => table.difference !== undefined,
  )
  const findings = [...new Set(differing.map(({ difference }) => difference))].map((difference) => {
    const roots = differing.filter((table) => table.difference === difference).map(({ root }) => root)
    return fault(`${roots.join(', ')}: ${difference}; the stream refuses to go on`, fixOf(difference))
  })
  return findings.length > 0 ? findings : [ok(`${judged.length} tables by the rules of the settings`)]
}

/** Why the stream would not go on with a table of a lake that has events. */
function differenceIn(snapshot: Snapshot | undefined, wanted: string): string | undefined {
  const stamp = snapshot && stampOf(snapshot)
  if (stamp === undefined && (!snapshot || snapshot.txns.size === 0))
    return 'new, and without what bronze holds already'
  return differenceOf(stamp ?? '', wanted)
}

async function checkSinkRules(subject: Subject): Promise<readonly Finding[]> {
  const settings = settingsOf(subject)
  const wanted = rulesId(foldRules(settings))
  const rows = await withWarehouse(subject, (warehouse) =>
    warehouse.query('SELECT DISTINCT rules FROM sink_position WHERE stream = $1', [settings.stream.name]),
  )
  const differences = rows.flatMap(({ rules }) => differenceOf(rules ?? '', wanted) ?? [])
  const [first] = differences
  if (first === undefined) return [ok(rows.length === 0 ? 'no rows yet' : 'its rows are by the rules of the settings')]
  return [fault(`${first}; the stream refuses to go on`, fixOf(first))]
}

function fixOf(difference: string): string {
  const rebuild = 'run npm run rebuild -- --from DATE'
  return isOfSettings(difference) ? `set it back, or ${rebuild}` : rebuild
}

async function checkGaps(subject: Subject): Promise<readonly Finding[]> {
  const snapshot = await readSnapshot(await openStore(settingsOf(subject)), bronzeGaps.root)
  const count = [...(snapshot?.files.values() ?? [])].length
  if (count === 0) return [ok('none')]
  const what = `the hub deleted messages before they were read, in ${count} place${count === 1 ? '' : 's'}`
  return [warn(what, 'read bronze_gaps (npm run query), ask the producers for them, and keep messages longer')]
}

/** Between two looks: more than a batch takes. */
const pauseMs = 3000

/** Behind is no fault while it moves. */
async function checkBehind(subject: Subject): Promise<readonly Finding[]> {
  const { stream } = settingsOf(subject)
  return withReader(subject, (reader) =>
    withWarehouse(subject, async (warehouse) => {
      const hub = numberedAsLake(reader, stream.generation)
      const look = async () => {
        const behind = await measureLag({ hub, warehouse, stream: stream.name })
        const [row] = await warehouse.query('SELECT sum(sequence) AS taken FROM sink_position WHERE stream = $1', [
          stream.name,
        ])
        return { behind, messages: sum(behind), taken: row?.taken }
      }
      const first = await look()
      if (first.behind.some(({ messages }) => messages < 0)) return [startedOver(first.behind)]
      if (first.messages === 0) return [ok('by nothing')]
      await sleep(pauseMs)
      const second = await look()
      return [judgeLag(second.messages, { before: first.messages, moves: first.taken !== second.taken })]
    }),
  )
}

const sum = (behind: readonly Behind[]) => behind.reduce((total, { messages }) => total + messages, 0)

function startedOver(behind: readonly Behind[]): Finding {
  const partitions = behind.flatMap(({ partition, messages }) => (messages < 0 ? [partition] : []))
  const what = `partitions ${partitions.join(', ')} hold less than was taken from them: the hub was made anew`
  return fault(what, 'raise HUB_GENERATION by 1')
}

/** Fewer than this is a batch or two on their way. */
const manyMessages = 10_000

/** What PostgreSQL lacks of the hub, judged by an earlier look and whether anything was taken since. */
export function judgeLag(
  messages: number,
  { before, moves }: { readonly before: number; readonly moves: boolean },
): Finding {
  if (messages === 0) return ok('by nothing')
  const by = `by ${messages} message${messages === 1 ? '' : 's'}`
  const fix = 'start the app (npm start), or look at what ingest logs; locally that is host.log in the data folder'
  if (!moves) return fault(`${by}, and standing still`, fix)
  if (messages > before && messages > manyMessages) {
    return warn(`${by}, and falling behind`, 'add partitions or instances: docs/operations.md')
  }
  return ok(`${by}, and moving`)
}
