// Tested in test/sim/soak/soak.test.ts.
import { setMaxListeners } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../src/reason'
import { stopSignal } from '../local/cli/run'
import { untilCaughtUp } from '../local/stack/caught-up'
import { makePlace, type Place } from '../local/stack/place'
import { readLocalSettings } from '../local/stack/settings-file'
import { type Report } from '../tools/verify/report'
import { verify } from '../tools/verify/run'
import { decodeRules, foldRules, hubConnection, openServer, openStore } from '../src/app/ports'
import { type EventReader, openEventReader } from '../src/azure/event-reader'
import { openEventSender } from '../src/azure/event-sender'
import { parseSettings, type Settings } from '../src/config/settings'
import { type Store } from '../src/lake/store'
import { type Warehouse } from '../src/warehouse/connection'
import { disturb } from './soak/disturb'
import { type Ledger, openLedger } from './soak/ledger'
import { type Kill, planKills, type Victim } from './soak/plan'
import { type Ends, untilMoving } from './soak/recovery'
import { type SoakOutcome, type Recovery, reportOf, type SoakReport } from './soak/report'
import { type SoakStack, startStack } from './soak/stack'
import { openTraffic, type Traffic } from './soak/traffic'

/** How long, how hard, how fast; the same seed kills the same parts at the same times. */
export interface SoakOptions {
  /** Milliseconds. */
  readonly for?: number
  readonly kills?: number
  /** Events per second. */
  readonly rate?: number
  readonly seed?: number
  /** Events of every other store go without a partition key. */
  readonly scattered?: boolean
  /** Partitions of the hub from its first kill on; it begins with four. */
  readonly grow?: number
  /** Leaves data and logs where they are. */
  readonly keep?: boolean
}

/** What this process holds of the stack it runs. */
interface Soak {
  readonly place: Place
  readonly settings: Settings
  readonly stack: SoakStack
  readonly warehouse: Warehouse
  readonly openReader: () => EventReader
  readonly ledger: Ledger
  readonly traffic: Traffic
  readonly signal: AbortSignal
}

const say = (line: string): void => console.error(`${new Date().toISOString().slice(11, 23)} ${line}`)

/** Small, so that a resume is from a snapshot and a replay both. */
const snapshotEveryEvents = 1_000

/**
 * Runs the embedded stack with two hosts and a generator, kills parts of it at random, and then proves that nothing was
 * lost and nothing counted twice: by what the hub acknowledged to the generator, and by `verify`. Azurite is spared, for it
 * forgets the last seconds of what it acknowledged. Leaves nothing behind, whatever happens.
 */
export async function benchSoak({
  for: forMs = 120_000,
  kills = 30,
  rate = 200,
  seed = 1,
  scattered = false,
  grow,
  keep = false,
}: SoakOptions = {}): Promise<SoakReport> {
  const signal = stopSignal()
  const undo: (() => unknown)[] = []
  try {
    const place = await makePlace({ httpPort: 0, values: { SNAPSHOT_EVERY_EVENTS: String(snapshotEveryEvents) } })
    if (!keep) undo.push(() => place.remove())
    say(`data in ${place.data}`)
    const stack = await startStack(place, say)
    undo.push(() => stack.stop())
    const settings = parseSettings(readLocalSettings(place.settings).values)
    const warehouse = openServer(settings)
    undo.push(() => warehouse.close())
    const connection = await hubConnection(settings)
    const { name: hubName } = settings.hub
    const sender = openEventSender({ connection, hubName })
    undo.push(() => sender.close())
    const ledger = openLedger()
    const traffic = openTraffic({ sender, ledger, rate, seed, scattered })
    const openReader = () => openEventReader({ connection, hubName })
    const running = { place, settings, stack, warehouse, openReader, ledger, traffic, signal }
    return reportOf(
      await examine(running, await run(running, { forMs, plan: planKills({ seed, kills, forMs }), grow })),
    )
  } finally {
    await unwind(undo)
  }
}

/** Undoes what was set up, last first, all of it; throws the first failure then. */
async function unwind(undo: (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of undo.reverse()) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}

interface Course {
  readonly recoveries: readonly Recovery[]
  /** Why the stream did not catch up, if it did not. */
  readonly stuck: string | undefined
}

interface Length {
  readonly forMs: number
  readonly plan: readonly Kill[]
  readonly grow: number | undefined
}

/** Traffic and kills until both are through, then until the stream has caught up. */
async function run(soak: Soak, { forMs, plan, grow }: Length): Promise<Course> {
  const { traffic, stack } = soak
  const [quiet, ended] = [new AbortController(), new AbortController()]
  const signal = AbortSignal.any([soak.signal, ended.signal])
  // A listener for each kill and wait, none of them lost.
  setMaxListeners(0, signal)
  const recoveries: Promise<Recovery>[] = []
  const onKill = (victim: Victim) => {
    const killedMs = Date.now()
    if (victim === 'hub' && grow !== undefined) setPartitions(soak.place, grow)
    const hasMoved = () => quiet.signal.aborted || traffic.begunMs() > killedMs
    const recovered = untilMoving(killedMs, { hasMoved, ends: endsOf(soak), signal })
    recoveries.push(
      recovered.then(
        (tookMs) => ({ victim, tookMs }),
        () => ({ victim, tookMs: null }),
      ),
    )
  }
  const disturbing = disturb(stack, plan, { onKill, say, signal })
  const lasting = Promise.all([disturbing, sleep(forMs, undefined, { signal })])
  const sending = traffic.run(AbortSignal.any([signal, quiet.signal]))
  try {
    await Promise.race([lasting, sending])
    quiet.abort()
    await Promise.all([lasting, sending])
    const stuck = await catchUp(soak)
    // A stream that has caught up has recovered from everything; one that is stuck never will.
    if (stuck !== undefined) ended.abort()
    return { recoveries: await Promise.all(recoveries), stuck }
  } finally {
    ended.abort()
    await Promise.allSettled([lasting, sending, ...recoveries])
  }
}

/** The hub reads its settings when it is started again. */
function setPartitions({ settings }: Place, partitions: number): void {
  const file = JSON.parse(readFileSync(settings, 'utf8')) as { Values: Record<string, string> }
  file.Values['HUB_PARTITIONS'] = String(partitions)
  writeFileSync(settings, JSON.stringify(file))
}

function endsOf({ openReader, warehouse, settings }: Soak): Ends {
  return { openReader, warehouse, stream: settings.stream.name }
}

const patienceMs = 120_000

/** Waits for the last sink; resolves to the reason when it does not get there. */
async function catchUp({ openReader, warehouse, settings, signal }: Soak): Promise<string | undefined> {
  say('waiting until the stream has caught up')
  const reader = openReader()
  try {
    await untilCaughtUp({ hub: reader, warehouse, stream: settings.stream.name }, { patienceMs, signal })
    signal.throwIfAborted()
    return undefined
  } catch (error) {
    if (signal.aborted) throw error
    return reasonOf(error)
  } finally {
    await reader.close()
  }
}

/** Verifies and audits while the hosts still run and their heartbeats go on. */
async function examine(soak: Soak, { recoveries, stuck }: Course): Promise<SoakOutcome> {
  const { settings, stack, ledger, traffic } = soak
  const store = await openStore(settings)
  const first = await verifyNow(soak, store, stuck)
  // Sinks commit side by side, so a first look may fall between two commits of one batch; a real difference stays.
  const verified = first.ok || stuck !== undefined ? first : await verifyNow(soak, store, stuck)
  return {
    recoveries,
    stuck,
    exits: stack.exits(),
    sent: { events: ledger.acknowledged(), resends: traffic.resends() },
    verified,
    audit: await ledger.audit(store),
  }
}

async function verifyNow(soak: Soak, store: Store, stuck: string | undefined): Promise<Report> {
  const { settings, warehouse, openReader } = soak
  const reader = openReader()
  // Heartbeats keep coming, so the stream has to catch up again; one that is stuck already will not.
  const settle = async () => {
    const reason = stuck ?? (await catchUp(soak))
    if (reason !== undefined) say(reason)
  }
  try {
    return await verify({
      hub: reader,
      firstSequence: 0,
      stream: settings.stream.name,
      store,
      warehouse,
      rules: foldRules(settings),
      limits: decodeRules(settings),
      thresholds: settings.thresholds,
      sources: [],
      settle,
      say,
    })
  } finally {
    await reader.close()
  }
}
