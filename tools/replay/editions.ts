import { createHash } from 'node:crypto'
import { contentOf, eventOf, type Fields, type Receipt, receiptId, voidId, voidOf } from '../../generator/csv/receipt'
import { maxLines } from '../../generator/csv/order'
import { type ReplayEvent } from '../../generator/replay-event'
import { readSnapshot } from '../../src/lake/log/read-snapshot'
import { readFile, selectFiles } from '../../src/lake/scan'
import { type Store } from '../../src/lake/store'
import { bronzeEvents } from '../../src/pipeline/rows/tables'

/*
 * An order that was told before is told again by a later export, edited or not. Its edition 1, 2, … each have an id that
 * follows from the order alone, and so has the event that takes an edition back. Bronze says which of them came:
 *
 *   nothing                      → send edition 1
 *   edition n, the same content  → nothing to send
 *   edition n, another content   → take n back, then send n + 1
 *   edition n and its taking back → send n + 1: a replay was cut off between the two
 *   edition n, and the files leave the order out now → take n back
 *
 * E1: n + 1 never comes without n taken back: the hub is given it once it has taken the other.
 * E2: an edition that was rejected counts nowhere and is as if it had not come; bronze gives it no id.
 */

/** What bronze has of a receipt. */
interface Standing {
  /** The last edition that came. */
  readonly edition: number
  readonly isTakenBack: boolean
  /** As it was sent, where that is not what the files say. */
  readonly told?: Fields
}

/** A receipt that bronze may have: its name, and what the files say of it last; nothing when they have it no more. */
interface Wanted {
  readonly name: readonly string[]
  readonly part: number
  readonly digest: string | undefined
  /** Which of the tellings in the files is the last, counted from 0. */
  readonly lastAt: number
}

/** What the files of a replay are to bronze: by the id of edition 1. */
export interface Standings {
  readonly wanted: ReadonlyMap<string, Wanted>
  readonly found: ReadonlyMap<string, Standing>
}

/** How the receipts of the files fared; each is in one of them. */
export interface EditionCounts {
  /** Not in bronze before. */
  told: number
  /** Told before with other words; taken back and told anew. */
  edited: number
  /** Told before in the same words. */
  unchanged: number
  /** In an earlier one of the files, and again in a later one, which counts. */
  repeated: number
  /** Told before and in the files no more: lines of an order that has become shorter, or that is left out now. */
  withdrawn: number
}

/** The receipts of some files, in their order; names of orders the map leaves out whole are told beside them. */
export type ReceiptSource = (onLeftOut: (name: readonly string[]) => void) => AsyncIterable<Receipt>

/**
 * Looks the receipts of a replay up in bronze: the column of ids once and once more for each edition there is, bodies of
 * matches alone. Everything sent before has to be in bronze by now. Memory: some hundred bytes for each receipt, and the
 * bodies of those that were edited.
 */
export async function lookUp(store: Store, receipts: ReceiptSource): Promise<Standings> {
  const wanted = new Map<string, Wanted>()
  const leaveOut = (name: readonly string[]) => wanted.set(receiptId({ name, part: 0 }), absent(name, 0))
  let at = 0
  for await (const receipt of receipts(leaveOut)) {
    const { name, part, content } = receipt
    wanted.set(receiptId(receipt), { name, part, digest: digestOf(content), lastAt: at++ })
  }
  const found = new Map<string, Standing>()
  let open = new Map([...wanted.keys()].map((first) => [first, 1]))
  while (open.size > 0) open = await lookUpEditions(store, { open, wanted, found })
  return { wanted, found }
}

/** A receipt that the files do not have. */
function absent(name: readonly string[], part: number): Wanted {
  return { name, part, digest: undefined, lastAt: -1 }
}

function digestOf(content: Fields): string {
  return createHash('sha256').update(contentOf(content)).digest('base64')
}

/** One round: the next edition of each receipt, and whether the one before it was taken back. Gives those to go on with. */
async function lookUpEditions(
  store: Store,
  {
    open,
    wanted,
    found,
  }: {
    /** First id → the edition to look for. */
    readonly open: ReadonlyMap<string, number>
    readonly wanted: Map<string, Wanted>
    readonly found: Map<string, Standing>
  },
): Promise<Map<string, number>> {
  const sought = new Map<string, { readonly first: string; readonly edition: number; readonly isVoid: boolean }>()
  for (const [first, edition] of open) {
    const receipt = wanted.get(first)
    if (!receipt) continue
    sought.set(receiptId(receipt, edition), { first, edition, isVoid: false })
    if (edition > 1) sought.set(voidId(receiptId(receipt, edition - 1)), { first, edition: edition - 1, isVoid: true })
  }
  const next = new Map<string, number>()
  const takenBack = new Set<string>()
  for await (const { id, body } of bronzeBodies(store, (each) => sought.has(each))) {
    const match = sought.get(id)
    const receipt = match && wanted.get(match.first)
    if (!receipt) continue
    if (match.isVoid) {
      takenBack.add(match.first)
      continue
    }
    const told = JSON.parse(Buffer.from(body).toString()) as Fields
    const isSame = receipt.digest !== undefined && digestOf(told) === receipt.digest
    found.set(match.first, { edition: match.edition, isTakenBack: false, ...(!isSame && { told }) })
    next.set(match.first, match.edition + 1)
    if (match.edition === 1) followParts(receipt, { told, wanted, next })
  }
  for (const first of takenBack) {
    const standing = found.get(first)
    // A later edition found in this round is not the one that was taken back.
    if (standing && standing.edition === (open.get(first) ?? 0) - 1)
      found.set(first, { ...standing, isTakenBack: true })
  }
  return next
}

/** A full part may have been followed by one that the files have no more. */
function followParts(
  { name, part }: Wanted,
  {
    told,
    wanted,
    next,
  }: { readonly told: Fields; readonly wanted: Map<string, Wanted>; readonly next: Map<string, number> },
): void {
  if ((told['lines'] as readonly unknown[]).length < maxLines) return
  const following = absent(name, part + 1)
  const first = receiptId(following)
  if (wanted.has(first)) return
  wanted.set(first, following)
  next.set(first, 1)
}

/** Ids and bodies of accepted events in bronze that are asked for; files without one are read by their ids alone. */
async function* bronzeBodies(
  store: Store,
  isWanted: (id: string) => boolean,
): AsyncGenerator<{ readonly id: string; readonly body: Uint8Array }> {
  const { root } = bronzeEvents
  const snapshot = await readSnapshot(store, root)
  if (!snapshot) return
  const { schema } = snapshot
  for (const file of selectFiles(snapshot)) {
    let any = false
    for await (const rows of readFile({ store, root }, file, { schema, columns: ['event_id'] })) {
      any ||= rows.some(({ event_id: id }) => typeof id === 'string' && isWanted(id))
    }
    if (!any) continue
    for await (const rows of readFile({ store, root }, file, { schema, columns: ['event_id', 'body'] })) {
      for (const { event_id: id, body } of rows) {
        if (typeof id === 'string' && isWanted(id) && body instanceof Uint8Array) yield { id, body }
      }
    }
  }
}

/** An event to send; one that `waits` only when the hub has taken those before it. */
export interface Telling extends ReplayEvent {
  readonly waits?: true
}

/**
 * What is to be sent of the receipts of a replay, in their order, given what bronze has of them; counts what becomes of
 * each. The same receipts and standings give the same events. Takings back come as an event of their own before the new edition.
 */
export async function* tellings(
  receipts: AsyncIterable<Receipt>,
  { wanted, found }: Standings,
  counts: EditionCounts = noCounts(),
): AsyncGenerator<Telling> {
  let at = 0
  for await (const receipt of receipts) {
    const first = receiptId(receipt)
    const isLast = wanted.get(first)?.lastAt === at++
    if (!isLast) {
      counts.repeated++
      continue
    }
    yield* tellingOf(receipt, found.get(first), counts)
  }
  for (const [first, { lastAt }] of wanted) {
    const standing = found.get(first)
    if (lastAt >= 0 || !standing?.told || standing.isTakenBack) continue
    counts.withdrawn++
    yield voidOf(standing.told)
  }
}

function* tellingOf(receipt: Receipt, standing: Standing | undefined, counts: EditionCounts): Generator<Telling> {
  if (!standing) {
    counts.told++
    yield eventOf(receipt)
  } else if (standing.isTakenBack) {
    counts.edited++
    yield eventOf(receipt, standing.edition + 1)
  } else if (standing.told) {
    counts.edited++
    const [back, again] = [voidOf(standing.told), eventOf(receipt, standing.edition + 1)]
    yield back
    // Those of one key keep their order.
    yield back.key === again.key ? again : { ...again, waits: true }
  } else counts.unchanged++
}

/** How many events `tellings` will give. */
export function countTellings({ wanted, found }: Standings): number {
  let events = 0
  for (const [first, { lastAt }] of wanted) {
    const standing = found.get(first)
    const isToTakeBack = standing?.told !== undefined && !standing.isTakenBack
    if (lastAt < 0) events += isToTakeBack ? 1 : 0
    else if (!standing || standing.isTakenBack) events += 1
    else events += isToTakeBack ? 2 : 0
  }
  return events
}

export function noCounts(): EditionCounts {
  return { told: 0, edited: 0, unchanged: 0, repeated: 0, withdrawn: 0 }
}
