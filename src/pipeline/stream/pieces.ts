import { type DecodeRules } from '../../event/decode'
import { type Message } from '../../event/message'
import { type Logged, logged } from '../rows/bronze'
import { type Range } from './numbering'

// Invariants of the pieces of a batch:
// P1  They tile the numbers from `next` to the batch's last message, in order: each number is in one piece.
// P2  A number is in a run when the batch or the hub has its message; what neither has is lost.
// P3  What is lost is never the end: a message always follows.
// P4  The bodies of a run are `maxBytes` at most, or it is one message.
// P5  The rows of a part, out of their envelopes, are `maxBytes` at most, or it is one message; parts tile their run.

/** A part of a partition's log. */
export type Piece = { readonly kind: 'run'; readonly messages: Run } | Lost

/** Numbers that the hub deleted before they were read, and the message that follows them. */
export interface Lost {
  readonly kind: 'lost'
  readonly first: number
  readonly last: number
  readonly before: Message
}

/** Messages without a number missing between them, taken and committed at a time. */
export type Run = readonly [Message, ...Message[]]

/** Asks the hub for messages that it still holds, in pages and in order; what it has deleted is left out. */
export type ReadBack = (range: Range) => AsyncIterable<readonly Message[]>

/**
 * A batch as the pieces that bronze takes one after the other, from the message `next` on. Messages before it were
 * taken already and are left out. Numbers missing before or inside the batch are read back, a page at a time, since the
 * host's checkpoint had gone past them or retention deletes under a slow reader; what the hub no longer has is lost
 * (G4). Runs are cut by the bytes of their bodies, since memory goes by them and not by the number of messages. Throws
 * when `readBack` does.
 */
export async function* piecesOf(
  messages: readonly Message[],
  { next, readBack, maxBytes }: { readonly next: number; readonly readBack: ReadBack; readonly maxBytes: number },
): AsyncGenerator<Piece, void, undefined> {
  let from = next
  for (const run of runsOf(messages, { from, maxBytes })) {
    const last = run[0].sequence - 1
    if (from <= last) {
      for await (const page of readBack({ first: from, last })) {
        const asked = page.filter(({ sequence }) => sequence <= last)
        from = yield* tiles(runsOf(asked, { from, maxBytes }), from)
      }
    }
    from = yield* tiles([run], from)
  }
}

/** Each run after what is lost before it; returns the number that comes next. */
function* tiles(runs: readonly Run[], from: number): Generator<Piece, number, undefined> {
  for (const run of runs) {
    const [before] = run
    if (from < before.sequence) yield { kind: 'lost', first: from, last: before.sequence - 1, before }
    yield { kind: 'run', messages: run }
    from = before.sequence + run.length
  }
  return from
}

/** Messages from a number on, cut where one is missing and where a run would get too large. */
function runsOf(
  messages: readonly Message[],
  { from, maxBytes }: { readonly from: number; readonly maxBytes: number },
): readonly Run[] {
  const runs: [Message, ...Message[]][] = []
  let [next, bytes] = [from, 0]
  for (const message of messages) {
    if (message.sequence < next) continue
    const run = runs.at(-1)
    bytes += message.body.byteLength
    if (run && message.sequence === next && bytes <= maxBytes) run.push(message)
    else {
      runs.push([message])
      bytes = message.body.byteLength
    }
    next = message.sequence + 1
  }
  return runs
}

/** Messages of a run and what is in them, taken and committed at a time. */
export interface Part {
  readonly messages: Run
  readonly events: readonly Logged[]
}

/**
 * A run as the parts that are small enough once decoded: a packed body says how large it is only by being unpacked, and a
 * run of them could be a hundred times its bytes. Decodes as the parts are asked for, a message ahead.
 */
export function* partsOf(
  messages: Run,
  { rules, maxBytes }: { readonly rules: DecodeRules; readonly maxBytes: number },
): Generator<Part, void, undefined> {
  let part: { messages: [Message, ...Message[]]; events: Logged[] } | undefined
  let bytes = 0
  for (const message of messages) {
    const events = logged([message], rules)
    const more = events.reduce((sum, { raw, envelope }) => sum + raw.byteLength + (envelope?.byteLength ?? 0), 0)
    if (part && bytes + more <= maxBytes) {
      part.messages.push(message)
      part.events.push(...events)
      bytes += more
      continue
    }
    if (part) yield part
    part = { messages: [message], events: [...events] }
    bytes = more
  }
  if (part) yield part
}
