// Tested in test/sim/crash/simulation.test.ts.
import { type Effect } from './effect'
import { nativeWork } from './native'

/** One call of a port, of which a process awaits the answer. */
export interface Call {
  readonly process: number
  /** Verb and object: `put bronze/events/…`, `query INSERT INTO "sales_1m"`. */
  readonly text: string
  /** Whether it changes anything outside the process. */
  readonly writes: boolean
  /** Does it; nothing else in the simulation waits for the real world. */
  readonly apply: () => Promise<unknown>
  /** Does half of it. */
  readonly tear?: () => Promise<unknown>
  /** The row lock it would wait for. */
  readonly lock?: string
  /** Not a step of its own, such as the server's own rollback: cannot be struck. */
  readonly unnumbered?: true
}

interface Parked extends Call {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** What the world does when a process is struck. */
export interface Surroundings {
  /** The effect on a step, counted from 1. */
  readonly strike: (step: number, call: Call) => Effect | undefined
  /** Which of the calls under way gets its answer next. */
  readonly pick: (calls: readonly Call[]) => number
  /** Called when a process has died, or has been put to sleep so that another takes its place. */
  readonly onGone: (process: number, how: 'dead' | 'asleep') => Promise<void>
  /** Who holds a row lock. */
  readonly holderOf: (lock: string) => number | undefined
  /** Whether some process still has work to do. */
  readonly isWorking: () => boolean
}

/**
 * Runs processes one step at a time: every call of every port waits here until it is picked, is done, and its process
 * has gone on to its next calls. So a run is a function of the order in which calls are picked and of what strikes.
 */
export interface Scheduler {
  call<T>(call: Call): Promise<T>
  /** Steps until no process has work left. Throws on a deadlock: work is left, and none of it can go on. */
  run(): Promise<void>
}

/** An answer that never came, or an error instead of one. */
class Struck extends Error {}

export function openScheduler(world: Surroundings): Scheduler {
  let parked: Parked[] = []
  const asleep = new Set<Parked>()
  const frozen = new Set<number>()
  const dead = new Set<number>()
  let steps = 0

  const mayRun = (call: Parked) => {
    if (asleep.has(call) || frozen.has(call.process)) return false
    const holder = call.lock === undefined ? undefined : world.holderOf(call.lock)
    return holder === undefined || holder === call.process
  }

  const perform = async (call: Parked) => {
    const effect = call.unnumbered ? undefined : world.strike(++steps, call)
    if (effect === 'slow' || effect === 'frozen') {
      parked.push(call)
      if (effect === 'slow') asleep.add(call)
      else frozen.add(call.process)
      return world.onGone(call.process, 'asleep')
    }
    if (effect === 'torn') await call.tear?.()
    const answer = effect === undefined || applies(effect) ? await outcomeOf(call) : undefined
    if (effect === undefined) return answer?.()
    if (effect === 'refused' || effect === 'lost' || effect === 'skipped') {
      return call.reject(new Struck(`struck: ${effect}: ${call.text}`))
    }
    dead.add(call.process)
    parked = parked.filter(({ process }) => process !== call.process)
    return world.onGone(call.process, 'dead')
  }

  const wake = () => {
    const any = asleep.size + frozen.size > 0
    asleep.clear()
    frozen.clear()
    return any
  }

  return {
    call: <T>(call: Call) =>
      new Promise<T>((resolve, reject) => {
        // A dead process gets no answer: its promise stays pending for ever.
        if (!dead.has(call.process)) parked.push({ ...call, resolve: resolve as Parked['resolve'], reject })
      }),
    run: async () => {
      for (;;) {
        await settled()
        const ready = parked.filter(mayRun)
        const chosen = ready[ready.length > 1 ? world.pick(ready) : 0]
        if (chosen) {
          parked.splice(parked.indexOf(chosen), 1)
          await perform(chosen)
        } else if (!wake()) {
          if (!world.isWorking()) return
          throw new Error(`stuck: nobody can go on: ${parked.map(({ text }) => text).join(', ')}`)
        }
      }
    },
  }
}

/** Resolves once every promise that needs no I/O has settled and no native work (compression, hashing) is under way. */
async function settled(): Promise<void> {
  // Appends that gather wait a turn of the event loop themselves, and native work leads to more of it.
  for (let turns = 0; turns < 3; turns++) {
    await new Promise((resolve) => setImmediate(resolve))
    if (await nativeWork()) turns = 0
  }
}

function applies(effect: Effect): boolean {
  return effect === 'lost' || effect === 'died-after'
}

/** Does it, and returns how to tell its caller. */
async function outcomeOf(call: Parked): Promise<() => void> {
  try {
    const answer = await call.apply()
    return () => call.resolve(answer)
  } catch (error) {
    return () => call.reject(error instanceof Error ? error : new Error(String(error)))
  }
}
