import { createHash } from 'node:crypto'
import { decode, type DecodeRules } from '../../event/decode'
import { type Snapshot } from '../../lake/log/snapshot'
import { readSnapshot } from '../../lake/log/read-snapshot'
import { type Store } from '../../lake/store'
import { bronzeEvents } from '../rows/tables'
import { acceptedAmong, identityOf } from './accepted'
import { readRejects, type RejectChoice } from './rejects'

/*
 * Rejects are decoded again after a setting or the contract was changed, and what passes now is sent to the hub as it
 * came, under its own id. Bronze keeps the old verdict and gets the new.
 *
 * R1: an event is sent only when bronze, holding all that the hub held before, has no accepted event of its store and id.
 *     So a run that was cut off goes on where it stopped, and a run after a run sends nothing. Two at the same time may
 *     send an event twice, which the fold and the daily batch count once like any other redelivery.
 * R2: the first event goes alone. An app that still decodes by the former rules rejects one event and not all of them.
 * R3: a chunk that was sent is found accepted in bronze before the next is sent.
 */

/** What a resubmission works with. */
export interface ResubmitPorts {
  readonly store: Store
  /** Today's. */
  readonly rules: DecodeRules
  /** The time at which the hub would take an event, epoch milliseconds: `past` and `future` go by it. */
  readonly clock: () => number
  /** Absent for a dry run. */
  readonly hub?: {
    /** Resolves when bronze has all that the hub holds, or when told to stop. */
    readonly arrive: () => Promise<void>
    /** Resolves when the hub has taken all of them. */
    readonly send: (events: readonly { readonly key: string; readonly body: Uint8Array }[]) => Promise<void>
  }
}

/** What is looked at, and when to stop. */
export interface ResubmitOptions extends RejectChoice {
  /** Events of this store alone, as far as a body says whose it is. */
  readonly storeId?: string | undefined
  readonly signal?: AbortSignal
  /** How much is held and looked up at a time: each chunk reads the ids of all of bronze once. */
  readonly chunk?: { readonly events: number; readonly bytes: number }
}

/** The first of the events that are rejected for one reason. */
export interface RejectExample {
  /** Field, what was expected, what came. */
  readonly detail: string
  /** As it came, shortened. */
  readonly body: string
}

/** What became of the rejects. A whole body that was rejected may hold several events, or none. */
export interface Resubmitted {
  /** Rejected rows that were decoded again. */
  readonly looked: number
  /** Events that pass today; `sent`, `already` and `repeated` add up to it unless it was stopped or refused. */
  readonly passes: number
  /** Events the hub was given; of a dry run, those it would be. */
  readonly sent: number
  /** Events of which bronze has an accepted one. */
  readonly already: number
  /** Events that were rejected more than once, beyond the first of each. */
  readonly repeated: number
  /** Heartbeats, which tell the time at which they were sent and are not sent again. */
  readonly heartbeats: number
  /** Events sent that bronze does not have as accepted: the app decodes by other rules than these. */
  readonly refused: number
  readonly stillRejected: Readonly<Record<string, number>>
  readonly examples: Readonly<Record<string, RejectExample>>
  readonly stopped: boolean
}

type Counts = { -readonly [Name in keyof Omit<Resubmitted, 'stillRejected' | 'examples' | 'stopped'>]: number } & {
  readonly stillRejected: Record<string, number>
  readonly examples: Record<string, RejectExample>
}

/** An event that passes. */
interface Passing {
  readonly identity: string
  readonly key: string
  readonly body: Uint8Array
  readonly eventTimeMs: number
}

/** Reading the ids of bronze is worth some events at a time; their bodies stay in memory meanwhile. */
const usualChunk = { events: 50_000, bytes: 32 << 20 }
const eventsPerSend = 500
/** Characters of an example. */
const shown = 500

/**
 * Decodes rejects of bronze again and sends what passes through the stream, each event once (R1 to R3). Memory: a chunk;
 * of a dry run, some bytes more for each event that passes. Throws when lake or hub cannot be reached; run it again then.
 */
export async function resubmit(ports: ResubmitPorts, options: ResubmitOptions): Promise<Resubmitted> {
  const { store, hub } = ports
  const { signal, chunk = usualChunk } = options
  const counts = noCounts()
  const isStopped = () => signal?.aborted === true
  // Bronze of the beginning: what is rejected once more meanwhile is not looked at again.
  await hub?.arrive()
  const snapshot = isStopped() ? undefined : await readSnapshot(store, bronzeEvents.root)
  if (snapshot) {
    const send = hub ? openSending(ports, hub, { counts, isStopped }) : openCounting(store, snapshot, counts)
    let events: Passing[] = []
    let bytes = 0
    for await (const event of passing(ports, snapshot, { options, counts })) {
      events.push(event)
      bytes += event.body.length
      if (events.length < chunk.events && bytes < chunk.bytes) continue
      await send(events)
      events = []
      bytes = 0
      if (isStopped() || counts.refused > 0) break
    }
    if (!isStopped() && counts.refused === 0) await send(events)
  }
  return { ...counts, stopped: isStopped() }
}

function noCounts(): Counts {
  const numbers = { looked: 0, passes: 0, sent: 0, already: 0, repeated: 0, heartbeats: 0, refused: 0 }
  return { ...numbers, stillRejected: {}, examples: {} }
}

/** The events among the rejects that pass today; counts them and the others. */
async function* passing(
  { store, rules, clock }: ResubmitPorts,
  snapshot: Snapshot,
  { options, counts }: { readonly options: ResubmitOptions; readonly counts: Counts },
): AsyncGenerator<Passing> {
  for await (const bodies of readRejects(store, snapshot, options)) {
    for (const body of bodies) {
      const decoded = decode(body, { enqueuedMs: clock(), rules }).filter(
        (each) => options.storeId === undefined || storeOf(each) === options.storeId,
      )
      if (decoded.length > 0) counts.looked++
      for (const each of decoded) {
        if (each.kind === 'reject') {
          const { reason, detail, raw } = each
          counts.stillRejected[reason] = (counts.stillRejected[reason] ?? 0) + 1
          counts.examples[reason] ??= { detail, body: Buffer.from(raw).toString().slice(0, shown) }
        } else if (each.event.type === 'pulse') {
          counts.heartbeats++
        } else {
          counts.passes++
          const { storeId, eventId, eventTimeMs } = each.event
          // A copy: a view would keep the row group it is from.
          yield { identity: identityOf(storeId, eventId), key: storeId, body: new Uint8Array(each.raw), eventTimeMs }
        }
      }
    }
  }
}

/** Whose event it is; of a reject, what its JSON says, if it does. */
function storeOf(decoded: ReturnType<typeof decode>[number]): string | undefined {
  if (decoded.kind === 'event') return decoded.event.type === 'pulse' ? undefined : decoded.event.storeId
  try {
    const value = JSON.parse(Buffer.from(decoded.raw).toString()) as { readonly storeId?: unknown } | null
    return typeof value?.storeId === 'string' ? value.storeId : undefined
  } catch {
    return undefined
  }
}

/** The first of each identity. */
function firsts(events: readonly Passing[]): ReadonlyMap<string, Passing> {
  const kept = new Map<string, Passing>()
  for (const event of events) if (!kept.has(event.identity)) kept.set(event.identity, event)
  return kept
}

/** Counts what would be sent. */
function openCounting(store: Store, snapshot: Snapshot, counts: Counts) {
  // 48 bits of a hash: of a million events, two share one in one of 500 runs, and a count is off by one.
  const told = new Set<number>()
  return async (events: readonly Passing[]): Promise<void> => {
    const candidates = firsts(events)
    counts.repeated += events.length - candidates.size
    const accepted = await acceptedAmong(store, snapshot, new Set(candidates.keys()))
    for (const identity of candidates.keys()) {
      const hash = createHash('sha256').update(identity).digest().readUIntBE(0, 6)
      if (accepted.has(identity)) counts.already++
      else if (told.has(hash)) counts.repeated++
      else counts.sent++
      told.add(hash)
    }
  }
}

/** Sends what bronze does not have, and sees that it has it then. */
function openSending(
  { store }: ResubmitPorts,
  hub: NonNullable<ResubmitPorts['hub']>,
  { counts, isStopped }: { readonly counts: Counts; readonly isStopped: () => boolean },
) {
  let isTried = false
  const bronze = async () => {
    const snapshot = await readSnapshot(store, bronzeEvents.root)
    if (snapshot) return snapshot
    throw new Error(`resubmit: ${bronzeEvents.root} was there and is not any more; see what removed it`)
  }
  const sendSome = async (events: readonly Passing[], before: Snapshot): Promise<void> => {
    for (let at = 0; at < events.length && !isStopped(); at += eventsPerSend) {
      const some = events.slice(at, at + eventsPerSend)
      await hub.send(some)
      counts.sent += some.length
    }
    await hub.arrive()
    if (isStopped()) return
    const identities = new Set(events.map(({ identity }) => identity))
    const accepted = await acceptedAmong(store, await bronze(), identities, before.files)
    counts.refused += identities.size - accepted.size
  }
  return async (events: readonly Passing[]): Promise<void> => {
    if (events.length === 0) return
    const candidates = firsts(events)
    const before = await bronze()
    const accepted = await acceptedAmong(store, before, new Set(candidates.keys()))
    counts.repeated += events.length - candidates.size
    counts.already += accepted.size
    // Late or not, in the order in which it happened.
    const unsent = [...candidates.values()]
      .filter(({ identity }) => !accepted.has(identity))
      .sort((a, b) => a.eventTimeMs - b.eventTimeMs)
    const alone = isTried ? 0 : Math.min(1, unsent.length)
    if (alone > 0) {
      await sendSome(unsent.slice(0, alone), before)
      isTried = true
    }
    if (isStopped() || counts.refused > 0 || unsent.length === alone) return
    await sendSome(unsent.slice(alone), before)
  }
}
