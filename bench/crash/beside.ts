import { type Ports } from '../../src/pipeline/ports'

/** Something that runs beside the stream, as a timer would start it, in a process of its own. */
export interface Beside {
  readonly name: string
  /** It starts when the stream has taken this share of the workload, from 0 to 1. */
  readonly startsAt: number
  run(ports: Ports): Promise<unknown>
}

/** What keeps the lake in shape while the stream goes on. */
export const upkeep: readonly Beside[] = []
