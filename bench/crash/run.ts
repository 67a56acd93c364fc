import { createRandom, type Random } from '../../generator/random'
import { type Store } from '../../src/lake/store'
import { type Ports } from '../../src/pipeline/ports'
import { type Warehouse } from '../../src/warehouse/connection'
import { openLake } from '../lake'
import { type Beside } from './beside'
import { memoryDisk } from './disk'
import { type Effect } from './effect'
import { type Checkpoints, deliverAll, restartAt } from './host'
import { openLocks } from './locks'
import { steppedHub, steppedStore, steppedWarehouse } from './ports'
import { emptyDatabase, readEverything, type Rows } from './rows'
import { type Call, openScheduler, type Scheduler } from './scheduler'
import { decodeRules, rules, snapshotEveryEvents, type Workload } from './workload'

/** What a run is made of besides its workload; every choice a function of its arguments and of seeds. */
export interface Plan {
  /** Names the run in everything drawn at random. */
  readonly name: string
  /** Processes that own every partition at the start. */
  readonly owners: number
  readonly strike: (step: number, call: Call) => Effect | undefined
  readonly pick: (calls: readonly Call[]) => number
  /** Messages in the next batch of the first process; later ones cut at random. */
  readonly batchSize: (process: number) => number
}

export interface World {
  readonly workload: Workload
  readonly beside: readonly Beside[]
  /** Migrated, and emptied by each run. */
  readonly warehouse: Warehouse
  /** Told of every numbered step and log line; for people. */
  readonly trace?: (line: string) => void
}

export interface Ran {
  readonly steps: number
  readonly calls: readonly Pick<Call, 'text' | 'writes'>[]
  readonly rows: Rows
  readonly processes: number
}

const stream = 'crash'

/**
 * Runs a workload to its end through whatever the plan has in store for it, and reads what is left in the lake and in
 * the database. The same plan gives the same run. Throws when a batch never gets through.
 */
export async function runPlan({ workload, beside, warehouse, trace }: World, plan: Plan): Promise<Ran> {
  await emptyDatabase(warehouse)
  let nowMs = Date.UTC(2026, 2, 2)
  const disk = memoryDisk(() => nowMs)
  const locks = openLocks()
  const checkpoints: Checkpoints = workload.map(() => 0)
  const calls: Pick<Call, 'text' | 'writes'>[] = []
  const working = new Map<number, (random: Random) => void>()
  const failures: Error[] = []
  const waiting = [...beside]
  let processes = 0
  let passOver = false

  const scheduler = openScheduler({
    pick: plan.pick,
    holderOf: locks.holderOf,
    isWorking: () => working.size > 0,
    strike: (step, call) => {
      nowMs += 1
      const effect = plan.strike(step, call)
      trace?.(`${step} process ${call.process} ${call.text}${effect ? `   <-- ${effect}` : ''}`)
      passOver ||= effect === 'skipped'
      calls.push({ text: call.text, writes: call.writes })
      return effect
    },
    onGone: async (process, how) => {
      const again = working.get(process)
      if (how === 'dead') {
        working.delete(process)
        await locks.rollBackAll(process)
      }
      again?.(createRandom(`${plan.name}/after ${process}/${processes}`))
    },
  })

  const start = (
    work: (ports: () => Promise<Ports>, process: number) => Promise<unknown>,
    again: (random: Random) => void,
  ) => {
    const process = processes++
    working.set(process, again)
    const open = () =>
      openPorts({ disk, warehouse, workload, trace, clock: () => nowMs }, { process, scheduler, locks, plan })
    work(open, process)
      .catch((error: unknown) => failures.push(error instanceof Error ? error : new Error(String(error))))
      .finally(() => working.delete(process))
  }
  const startBeside = (action: Beside) =>
    start(
      async (open) => action.run(await open()),
      () => startBeside(action),
    )
  const startDue = () => {
    const taken = checkpoints.reduce((sum, count) => sum + count, 0) / workload.flat().length
    for (const action of waiting.filter(({ startsAt }) => startsAt <= taken)) {
      waiting.splice(waiting.indexOf(action), 1)
      startBeside(action)
    }
  }
  const startHost = (from: readonly number[]) =>
    start(
      (open, process) => {
        const random = createRandom(`${plan.name}/batches of ${process}`)
        return deliverAll(open, {
          workload,
          from,
          batchSize: () => (process < plan.owners ? plan.batchSize(process) : 1 + Math.floor(random() * 5)),
          checkpoints,
          afterFailure: () => {
            const next = passOver ? 'next' : 'again'
            passOver = false
            return next
          },
          onTaken: startDue,
        })
      },
      (random) => startHost(restartAt(random, workload, checkpoints)),
    )

  for (let owner = 0; owner < plan.owners; owner++) startHost(workload.map(() => 0))
  await scheduler.run()
  if (failures[0]) throw failures[0]
  return { steps: scheduler.steps(), calls, rows: await readEverything(disk, warehouse), processes }
}

interface Outside {
  readonly disk: Store
  readonly warehouse: Warehouse
  readonly workload: Workload
  readonly trace: World['trace']
  readonly clock: () => number
}

interface Inside {
  readonly process: number
  readonly scheduler: Scheduler
  readonly locks: ReturnType<typeof openLocks>
  readonly plan: Plan
}

/** The ports of a fresh process: nothing in memory, every call a step, no clock and no chance of its own. */
async function openPorts(
  { disk, warehouse, workload, trace, clock }: Outside,
  { process, scheduler, locks, plan }: Inside,
): Promise<Ports> {
  const caller = { process, scheduler }
  const store = steppedStore(disk, caller)
  const random = createRandom(`${plan.name}/tables of ${process}`)
  let names = 0
  const uuid = () =>
    `${process.toString(16).padStart(8, '0')}-0000-4000-8000-${(names++).toString(16).padStart(12, '0')}`
  const surroundings = { clock, uuid, random, sleep: () => Promise.resolve() }
  return {
    stream,
    generation: 0,
    store,
    tables: await openLake(store, { rules, ...surroundings }),
    warehouse: steppedWarehouse(warehouse, locks, caller),
    rules,
    decodeRules,
    snapshotEveryEvents,
    clock,
    unique: uuid,
    readBack: steppedHub(workload, caller),
    log: (level, line) => trace?.(`      process ${process} says ${level}: ${line}`),
  }
}
