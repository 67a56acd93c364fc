import { dayMs } from '../day'

/** From an instant on, how far a zone is ahead of UTC; both in milliseconds. */
export interface Offset {
  readonly fromMs: number
  readonly offsetMs: number
}

/** Whether this machine's rules of time zones have a zone of this IANA name. */
export function isZone(name: string): boolean {
  // Intl takes offsets such as +05:30 for zones too; they have no name and no rules.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    clockOf(name)
    return true
  } catch {
    return false
  }
}

/**
 * The offsets of an IANA zone from one instant to another, ascending: the one in force at `fromMs`, with that as its
 * first instant, then every change before `toMs`. By Node's Intl, from which all of the house takes its offsets: other
 * engines have rules of other releases. Throws when there is no such zone.
 */
export function offsetsOf(zone: string, fromMs: number, toMs: number): readonly Offset[] {
  const changes: Offset[] = []
  for (let block = blockOf(fromMs); block <= blockOf(toMs); block++) {
    for (const change of changesOf(zone, block)) {
      if (change.fromMs >= toMs && changes.length > 0) break
      // Blocks begin with the offset in force, which is most often that of the one before.
      if (changes.at(-1)?.offsetMs === change.offsetMs) continue
      if (change.fromMs <= fromMs) changes.length = 0
      changes.push({ ...change, fromMs: Math.max(change.fromMs, fromMs) })
    }
  }
  return changes
}

/** How far an IANA zone is ahead of UTC at an instant, in milliseconds; throws when there is no such zone. */
export function offsetAt(zone: string, ms: number): number {
  return offsetsOf(zone, ms, ms + 1)[0]?.offsetMs ?? 0
}

/** Offsets are looked for in pieces of time of this length, each of which is looked through once. */
const blockMs = 364 * dayMs
/** The shortest time a zone kept an offset since 2000 was a week: Boa Vista's summer of October 2000. */
const probeMs = 2 * dayMs

function blockOf(ms: number): number {
  return Math.floor(ms / blockMs)
}

const known = new Map<string, Map<number, readonly Offset[]>>()

function changesOf(zone: string, block: number): readonly Offset[] {
  let ofZone = known.get(zone)
  if (!ofZone) {
    ofZone = new Map()
    known.set(zone, ofZone)
  }
  let changes = ofZone.get(block)
  if (!changes) {
    changes = findChanges(zone, block * blockMs)
    ofZone.set(block, changes)
  }
  return changes
}

function findChanges(zone: string, startMs: number): readonly Offset[] {
  const offsetMs = clockOf(zone)
  const changes = [{ fromMs: startMs, offsetMs: offsetMs(startMs) }]
  for (let low = startMs; low < startMs + blockMs; low += probeMs) {
    // The next block begins where this one ends.
    const high = Math.min(low + probeMs, startMs + blockMs - 1)
    for (let from = low; offsetMs(high) !== changes.at(-1)?.offsetMs;) {
      from = changeBetween(offsetMs, from, high)
      changes.push({ fromMs: from, offsetMs: offsetMs(from) })
    }
  }
  return changes
}

/** The first instant at which the offset is no longer that of `low`. */
function changeBetween(offsetMs: (ms: number) => number, low: number, high: number): number {
  const before = offsetMs(low)
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetMs(middle) === before) low = middle
    else high = middle
  }
  return high
}

/** Reads the offsets of a zone; throws when there is no such zone. */
function clockOf(zone: string): (ms: number) => number {
  const clock = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' })
  const read = new Map<string, number>()
  return (ms) => {
    const shown = clock.format(ms)
    let offsetMs = read.get(shown)
    if (offsetMs === undefined) {
      offsetMs = readOffset(shown)
      read.set(shown, offsetMs)
    }
    return offsetMs
  }
}

/** `2026, GMT-03:30`; `GMT` alone is no offset, and times before zones were agreed upon have seconds too. */
function readOffset(shown: string): number {
  const [, sign, hours, minutes, seconds = 0] = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(shown) ?? []
  if (sign === undefined) return 0
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -ms : ms
}
