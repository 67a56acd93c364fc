// Tested in test/sim/soak/soak.test.ts.
import { join } from 'node:path'
import { readPostmaster } from '../../local/postgres/postmaster'
import { type PartName } from '../../local/stack/parts'
import { type Place } from '../../local/stack/place'
import { type Victim, victims } from './plan'
import { keepRunning, type PartProcess } from './process'

/** The embedded stack with two hosts, every part a process of its own. */
export interface SoakStack {
  /** The processes a victim may be; of the hosts there are two. */
  readonly processes: Readonly<Record<Victim, readonly PartProcess[]>>
  /** Ends that nobody asked for: a start that failed because something else was down, or a crash. */
  exits(): Readonly<Record<Victim, number>>
  stop(): Promise<void>
}

/**
 * Starts the stack, what is needed first, and resolves once all of it is up. Throws, with everything stopped, when a part
 * does not come up. Each part's output is in `NAME.part.log` of the place's data.
 */
export async function startStack(place: Place, say: (line: string) => void): Promise<SoakStack> {
  const all: PartProcess[] = []
  const start = (part: PartName, name: string, companion?: () => Promise<number | undefined>): PartProcess => {
    const onExit = (how: string) => say(`${name} ended by itself: ${how}`)
    const kept = keepRunning({ part, name, place, onExit, ...(companion && { companion }) })
    all.push(kept)
    return kept
  }
  const stop = async () => {
    // In reverse order of start: a part that loses what it needs would log errors, or end by itself.
    for (const part of [...all].reverse()) await part.stop()
  }
  try {
    const azurite = start('azurite', 'azurite')
    const hub = start('hub', 'hub')
    // The server is a child of the part, which a kill of the part alone would let shut down in order.
    const postgres = start(
      'postgres',
      'postgres',
      async () => (await readPostmaster(join(place.data, 'postgres')))?.pid,
    )
    await azurite.ready()
    const gateway = start('gateway', 'gateway')
    await Promise.all([hub, postgres, gateway].map((part) => part.ready()))
    const hosts = [start('app', 'host-1'), start('app', 'host-2')]
    await Promise.all(hosts.map((host) => host.ready()))
    const processes = { host: hosts, hub: [hub], gateway: [gateway], postgres: [postgres] }
    const exits = () => countedBy((victim) => processes[victim].reduce((sum, part) => sum + part.exits(), 0))
    return { processes, exits, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A number for each victim. */
export function countedBy(count: (victim: Victim) => number): Readonly<Record<Victim, number>> {
  return Object.fromEntries(victims.map((victim) => [victim, count(victim)])) as Record<Victim, number>
}
