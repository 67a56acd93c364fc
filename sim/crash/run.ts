// Tested in test/sim/crash/simulation.test.ts.
import { createRandom } from '../../generator/random'
import { type Store } from '../../src/lake/store'
import { type Ports } from '../../src/pipeline/ports'
import { type Warehouse } from '../../src/warehouse/connection'
import { openLake } from '../lake'
import { type Beside, checkpointEveryCommits, passTime } from './beside'
import { memoryDisk } from './disk'
import { type Effect } from './effect'
import { type Checkpoints, deliverAll, restartAt } from './host'
import { type Locks, openLocks } from './locks'
import { steppedHub, steppedStore, steppedWarehouse } from './ports'
import { openProcesses, type Processes } from './processes'
import { emptyDatabase, readEverything, type Rows } from './rows'
import { type Call, openScheduler, type Scheduler } from './scheduler'
import { installation } from '../installation'
import { decodeRules, rules, snapshotEveryEvents, type Workload } from './workload'

/** What a run is made of besides its workload; every choice a function of its arguments and of seeds. */
export interface Plan {
  /** Names the run in everything drawn at random. */
  readonly name: string
  /** Processes that own every partition at the start. */
  readonly owners: number
  /** What runs beside them; Delta checkpoints are written only where something does. */
  readonly beside: readonly Beside[]
  readonly strike: (step: number, call: Call) => Effect | undefined
  readonly pick: (calls: readonly Call[]) => number
  /** Messages in the next batch of the first processes; later ones cut at random. */
  readonly batchSize: () => number
}

export interface World {
  readonly workload: Workload
  /** Migrated, and emptied by each run. */
  readonly warehouse: Warehouse
  /** Told of every numbered step and log line; for people. */
  readonly trace?: (line: string) => void
}

/** A numbered step as it was done, and whether a process of the stream did it. */
export interface Done extends Pick<Call, 'text' | 'writes'> {
  readonly by: 'stream' | 'beside'
}

export interface Ran {
  readonly steps: readonly Done[]
  readonly rows: Rows
}

const stream = 'crash'

/**
 * Runs a workload to its end through every fault of the plan, and reads what is left in the lake and in
 * the database. The same plan gives the same run. Throws when a batch never gets through.
 */
export async function runPlan(world: World, plan: Plan): Promise<Ran> {
  await emptyDatabase(world.warehouse)
  const state = openState(world, plan)
  for (let owner = 0; owner < plan.owners; owner++)
    startHost(
      state,
      world.workload.map(() => 0),
    )
  await state.scheduler.run()
  if (plan.beside.length > 0) {
    // Upkeep is mostly through when the stream is: what it left behind is what this owner resumes from.
    startHost(
      state,
      world.workload.map((log) => log.length - 1),
    )
    await state.scheduler.run()
  }
  state.processes.check()
  const { disk, clock, steps } = state
  if (plan.beside.length > 0) await passTime(await openLake(disk, { rules, clock }), clock())
  return { steps, rows: await readEverything(disk, world.warehouse) }
}

/** A run under way. */
interface State {
  readonly world: World
  readonly plan: Plan
  readonly disk: Store
  readonly clock: () => number
  readonly locks: Locks
  readonly scheduler: Scheduler
  readonly processes: Processes
  readonly checkpoints: Checkpoints
  readonly steps: Done[]
  readonly log: Ports['log']
  /** What has not started yet. */
  readonly waiting: Beside[]
  /** Which processes are not the stream's. */
  readonly beside: Set<number>
  /** Whether the batch that fails next is passed over. */
  passOver: boolean
}

function openState(world: World, plan: Plan): State {
  let nowMs = Date.UTC(2026, 2, 2)
  const [locks, processes, steps, beside] = [openLocks(), openProcesses(), [] as Done[], new Set<number>()]
  const scheduler = openScheduler({
    pick: plan.pick,
    holderOf: locks.holderOf,
    isWorking: processes.isWorking,
    strike: (step, call) => {
      nowMs += 1
      const effect = plan.strike(step, call)
      world.trace?.(`${step} process ${call.process} ${call.text}${effect ? `   <-- ${effect}` : ''}`)
      state.passOver ||= effect === 'skipped'
      steps.push({ text: call.text, writes: call.writes, by: beside.has(call.process) ? 'beside' : 'stream' })
      return effect
    },
    onGone: async (process, how) => {
      if (how === 'dead') await locks.rollBackAll(process)
      processes.gone(process, how)
    },
  })
  const state: State = {
    ...{ world, plan, locks, scheduler, processes, steps, beside },
    disk: memoryDisk(() => nowMs),
    clock: () => nowMs,
    checkpoints: world.workload.map(() => 0),
    log: (level, line) => world.trace?.(`      ${level}: ${line}`),
    waiting: [...plan.beside],
    passOver: false,
  }
  return state
}

/** Starts a process that owns every partition, each brought to it from the message of that index on. */
function startHost(state: State, from: readonly number[]): void {
  const { world, plan, processes, checkpoints } = state
  const { workload } = world
  processes.start(
    (process) => {
      const random = createRandom(`${plan.name}/batches of ${process}`)
      return deliverAll(() => openPorts(state, process), {
        workload,
        from,
        batchSize: () => (process < plan.owners ? plan.batchSize() : 1 + Math.floor(random() * 5)),
        checkpoints,
        afterFailure: () => {
          const next = state.passOver ? 'next' : 'again'
          state.passOver = false
          return next
        },
        onTaken: () => startDue(state),
      })
    },
    () => startHost(state, restartAt(createRandom(`${plan.name}/host ${processes.count()}`), workload, checkpoints)),
  )
}

/** Starts what is to run beside a stream that has come so far. */
function startDue(state: State): void {
  const { waiting, checkpoints, world } = state
  const taken = checkpoints.reduce((sum, count) => sum + count, 0) / world.workload.flat().length
  for (const action of waiting.filter(({ startsAt }) => startsAt <= taken)) {
    waiting.splice(waiting.indexOf(action), 1)
    startBeside(state, action)
  }
}

/** Tries of something beside the stream; each but the last has been struck. */
const triesBeside = 10

function startBeside(state: State, action: Beside): void {
  const run = async (process: number) => {
    state.beside.add(process)
    for (let tried = 1; ; tried++) {
      try {
        return await action.run(await openPorts(state, process))
      } catch (error) {
        if (tried === triesBeside) throw error
      }
    }
  }
  state.processes.start(run, () => startBeside(state, action))
}

/** The ports of a fresh process: nothing in memory, every call a step, no clock and no chance of its own. */
async function openPorts({ world, plan, disk, clock, locks, scheduler, log }: State, process: number): Promise<Ports> {
  const caller = { process, scheduler }
  const store = steppedStore(disk, caller)
  const random = createRandom(`${plan.name}/tables of ${process}`)
  let names = 0
  const uuid = () =>
    `${process.toString(16).padStart(8, '0')}-0000-4000-8000-${(names++).toString(16).padStart(12, '0')}`
  return {
    stream,
    firstSequence: 0,
    store,
    tables: await openLake(store, { rules, clock, uuid, random, sleep: () => Promise.resolve() }),
    warehouse: steppedWarehouse(world.warehouse, locks, caller),
    rules,
    decodeRules,
    installation,
    maxBatchBytes: 16 << 20,
    snapshotEveryEvents,
    ...(plan.beside.length > 0 && { checkpointEveryCommits }),
    clock,
    unique: uuid,
    readBack: steppedHub(world.workload, caller),
    log,
  }
}
