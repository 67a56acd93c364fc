import { type Message } from '../../event/message'

const perGeneration = 2 ** 40

/**
 * Where the numbers of a hub begin in the lake. A hub that was deleted and created anew numbers its messages from 0
 * again; in the lake they go on above all earlier ones, so that state, positions and row versions carry over: windows
 * close, alerts resolve and duplicates are known across the change. 2^40 messages of one partition are 34 years at a
 * thousand a second, and 8192 generations stay below 2^53.
 */
export function firstNumber(generation: number): number {
  return generation * perGeneration
}

/** How often the hub had been created anew when it gave a message its number. */
function generationOf(sequence: number): number {
  return Math.floor(sequence / perGeneration)
}

/** The hub's own number of a message, from its number in the lake; for people who look for it there. */
export function hubNumber(sequence: number): number {
  return sequence % perGeneration
}

/** Sequence numbers of a partition from one to another, both included. */
export interface Range {
  readonly first: number
  readonly last: number
}

/** A hub as its readers see it: what its partitions hold, and the messages themselves. */
export interface HubReader {
  partitions(): Promise<readonly number[]>
  /** The sequence numbers a partition holds, undefined when it is empty. */
  held(partition: number): Promise<Range | undefined>
  read(partition: number, range: Range): AsyncIterable<readonly Message[]>
}

/** The hub under the numbers its messages have in the lake. */
export function numberedAsLake(hub: HubReader, generation: number): HubReader {
  const base = firstNumber(generation)
  const shift = ({ first, last }: Range, by: number): Range => ({ first: first + by, last: last + by })
  return {
    partitions: () => hub.partitions(),
    held: async (partition) => {
      const held = await hub.held(partition)
      return held && shift(held, base)
    },
    read: async function* (partition, range) {
      for await (const page of hub.read(partition, shift(range, -base))) yield inLake(page, generation)
    },
  }
}

/** Messages under the numbers of the lake instead of the hub's own. */
export function inLake(messages: readonly Message[], generation: number): readonly Message[] {
  const first = firstNumber(generation)
  return first === 0 ? messages : messages.map((message) => ({ ...message, sequence: first + message.sequence }))
}

/** Where a partition's log ends in bronze. */
export interface LogEnd {
  /** Sequence number of the last message; undefined before the first. */
  readonly position: number | undefined
  /** When the hub took the newest message, epoch milliseconds. */
  readonly enqueuedMs: number
}

/** Number of the message that comes next. */
export function expected(position: number | undefined, firstSequence: number): number {
  return Math.max((position ?? -1) + 1, firstSequence)
}

/**
 * Why messages do not go on where the log ends, and what to do; undefined when they do. Something at or below the
 * position that the hub took after everything in bronze is no redelivery: the numbers have started over. Something of
 * a generation about to begin, but taken no later than what bronze holds, comes from a hub that has not started over.
 */
export function misnumbered(
  messages: readonly Message[],
  { position, enqueuedMs: endMs }: LogEnd,
  firstSequence: number,
): string | undefined {
  if (position === undefined) return undefined
  const [begun, generation] = [generationOf(position), generationOf(firstSequence)]
  const end = `bronze ends at ${numbered(position)} of ${time(endMs)}`
  const got = ({ sequence, enqueuedMs }: Message) => `got ${numbered(sequence)} of ${time(enqueuedMs)}`
  const later = messages.find(({ sequence, enqueuedMs }) => sequence <= position && enqueuedMs > endMs)
  if (later && begun > generation) return `${end}, ${got(later)}; set HUB_GENERATION to ${begun} or above`
  if (later) {
    return (
      `expected ${numbered(position + 1)}, ${got(later)}, but ${end}: the hub was created anew; ` +
      `set HUB_GENERATION to ${generation + 1}, and STREAM_NAME to the former hub's name if this one has another`
    )
  }
  const earlier = begun < generation && messages.find(({ enqueuedMs }) => enqueuedMs <= endMs)
  if (!earlier) return undefined
  return `expected a hub created after ${end}, ${got(earlier)}: it is the former one; set HUB_GENERATION to ${begun}`
}

/** A number of the lake as people read it. */
function numbered(sequence: number): string {
  const generation = generationOf(sequence)
  return `message ${hubNumber(sequence)}${generation === 0 ? '' : ` of generation ${generation}`}`
}

function time(timeMs: number): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : 'no time'
}
