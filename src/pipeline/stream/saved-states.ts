// Tested in test/pipeline/stream/ingest.test.ts.
import { gunzipSync, gzipSync } from 'node:zlib'
import { reasonOf } from '../../reason'
import { type Rules, rulesId } from '../../fold/rules'
import { decodeState, emptyState, encodeState, sizeOf, type State } from '../../fold/state'
import { type Store } from '../../lake/store'
import { type Ports } from '../ports'
import { appId } from '../position'
import { type Owner } from './owner'

/*
 * Checkpoints of the fold, not Delta's: each is a cache of what bronze says, named by the position it is of. Bronze is
 * the truth, so one that is lost, torn or of other rules costs time only.
 */

/** Whose state it is: a partition of a stream. */
export interface Place {
  readonly stream: string
  readonly partition: number
}

/** A state and the sequence number of the last EventData folded into it, -1 for none. */
export interface SavedState {
  readonly sequence: number
  readonly state: State
}

/** A saved state that could not be used, and why; the resume goes on with an older one, or from the start of bronze. */
export interface Refused {
  readonly path: string
  readonly reason: string
}

const kept = 3
const format = 3

/** Where the saved states of a partition are; names sort by sequence number. */
function stateFolder({ stream, partition }: Place): string {
  return `checkpoints/${appId(stream, partition)}`
}

/**
 * Stores a state beside the earlier ones and removes all but the newest few. It only ever shortens a resume:
 * one that is lost or half written costs time, never an event.
 */
export async function saveState(
  store: Store,
  place: Place,
  { saved, rules, unique }: { readonly saved: SavedState; readonly rules: Rules; readonly unique: string },
): Promise<void> {
  const folder = stateFolder(place)
  const header = JSON.stringify({ format, rules: rulesId(rules), sequence: saved.sequence })
  const text = `${header}\n${encodeState(saved.state)}`
  await store.put(`${folder}/${String(saved.sequence).padStart(20, '0')}-${unique}.json.gz`, gzipSync(text))
  const all = await store.list(folder)
  for (const { path } of all.slice(0, -kept)) await store.remove(path)
}

/**
 * Saves an owner's state, which is up to this sequence number, once enough events have been folded since the last time.
 * Every sink must have taken all of it: a resume offers them nothing from before the state it starts with.
 */
export async function saveWhenDue(
  { stream, store, rules, unique, snapshotEveryEvents }: Ports,
  owner: Owner,
  { events, sequence }: { readonly events: number; readonly sequence: number },
): Promise<void> {
  const { partition, state } = owner
  owner.sinceSaved += events
  // A large state is stored as seldom as its size asks: writing it stays a constant cost per event.
  if (owner.sinceSaved < Math.max(snapshotEveryEvents, sizeOf(state) / 4)) return
  await saveState(store, { stream, partition }, { saved: { sequence, state }, rules, unique: unique() })
  owner.sinceSaved = 0
}

/**
 * The newest usable state at or before a sequence number, or the empty state. One of other rules, of a later
 * position, or one that does not read is refused by name, never used and never fatal.
 */
export async function loadState(
  store: Store,
  place: Place,
  { upTo, rules }: { readonly upTo: number; readonly rules: Rules },
): Promise<{ readonly saved: SavedState; readonly refused: readonly Refused[] }> {
  const refused: Refused[] = []
  const files = await store.list(stateFolder(place))
  for (const { path } of [...files].reverse()) {
    const bytes = await store.read(path)
    const read = bytes ? parse(bytes, rules) : { reason: 'it is gone' }
    if ('reason' in read) refused.push({ path, reason: read.reason })
    else if (read.sequence > upTo)
      refused.push({ path, reason: `it is at ${read.sequence}, bronze or PostgreSQL at ${upTo}` })
    else return { saved: read, refused }
  }
  return { saved: { sequence: -1, state: emptyState(rules) }, refused }
}

function parse(bytes: Uint8Array, rules: Rules): SavedState | { readonly reason: string } {
  try {
    const text = gunzipSync(bytes).toString('utf8')
    const end = text.indexOf('\n')
    const header = JSON.parse(text.slice(0, end)) as { format: unknown; rules: unknown; sequence: unknown }
    if (header.format !== format) return { reason: `expected format ${format}, got ${String(header.format)}` }
    if (header.rules !== rulesId(rules)) {
      return { reason: `it was folded by "${String(header.rules)}", this is "${rulesId(rules)}"` }
    }
    return { sequence: Number(header.sequence), state: decodeState(text.slice(end + 1), rules) }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}
