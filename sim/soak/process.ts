// Tested in test/sim/soak/soak.test.ts.
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type PartName } from '../../local/stack/parts'
import { type Place } from '../../local/stack/place'

/** A part of the stack in a process of its own, kept running: started again when it ends by itself. */
export interface PartProcess {
  /** Resolves once it is up, at once when it is; rejects when it does not come up in time. */
  ready(): Promise<void>
  /** Kills it where it stands and leaves it down; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it after a kill; resolves once it is up. */
  restart(): Promise<void>
  /** Ends it in order, or by force when that takes long; it is not started again. */
  stop(): Promise<void>
  /** How often it has ended without having been told to, a start that failed included. */
  exits(): number
}

/** Which part it is, and where. */
export interface PartPlace {
  readonly part: PartName
  /** Tells two processes of one part apart. */
  readonly name: string
  readonly place: Place
  /** Told of an end that nobody asked for. */
  readonly onExit: (how: string) => void
  /** A further process that is killed with it, asked for just before. */
  readonly companion?: () => Promise<number | undefined>
}

const upTimeoutMs = 90_000
const stopTimeoutMs = 10_000
/** Between two tries of a part that does not come up: what it needs may be down itself. */
const retryMs = 300

/** Starts a part of the stack and keeps it running until it is killed or stopped. */
export function keepRunning(at: PartPlace): PartProcess {
  const changes = new EventEmitter()
  let [phase, isUp, exits]: ['kept' | 'down' | 'over', boolean, number] = ['kept', false, 0]
  let child: ChildProcess | undefined

  const keep = async (): Promise<void> => {
    while (phase === 'kept') {
      child = forkPart(at)
      // The only thing a part says is that it is ready.
      child.once('message', () => changes.emit('up', (isUp = true)))
      const how = await endOf(child)
      isUp = false
      if (phase !== 'kept') return
      exits += 1
      at.onExit(how)
      await sleep(retryMs)
    }
  }
  let keeping = keep()
  const ready = async (): Promise<void> => {
    if (!isUp) await once(changes, 'up', { signal: AbortSignal.timeout(upTimeoutMs) })
  }
  return {
    ready,
    exits: () => exits,
    kill: async () => {
      const companion = await at.companion?.()
      phase = 'down'
      if (companion !== undefined) killIfThere(companion)
      child?.kill('SIGKILL')
      await keeping
    },
    restart: () => {
      phase = 'kept'
      keeping = keep()
      return ready()
    },
    stop: async () => {
      phase = 'over'
      child?.kill('SIGTERM')
      const impatient = setTimeout(() => child?.kill('SIGKILL'), stopTimeoutMs)
      await keeping
      clearTimeout(impatient)
    },
  }
}

const script = join(__dirname, '..', '..', 'local', 'part.js')

/** A process group of its own: Ctrl-C must reach the soak alone, which ends its parts in order. */
function forkPart({ part, name, place }: PartPlace): ChildProcess {
  mkdirSync(place.data, { recursive: true })
  const log = openSync(join(place.data, `${name}.part.log`), 'a')
  const dataDir = part === 'app' ? join(place.data, name) : place.data
  const child = fork(script, [part, '--data', dataDir, '--settings', place.settings], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  })
  closeSync(log)
  return child
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function endOf(child: ChildProcess): Promise<string> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? `exit code ${code}`
}
