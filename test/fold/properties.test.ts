import fc from 'fast-check'
import { type RetailEvent } from '../../src/event/event'
import { rulesId } from '../../src/fold/rules'
import { decodeState, emptyState, encodeState } from '../../src/fold/state'
import { type Emit, type Entry, step } from '../../src/fold/step'
import { log, pulse, rules, sale } from './entries'

const event: fc.Arbitrary<RetailEvent | { reject: string }> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .record({
        minute: fc.double({ min: 0, max: 240, noNaN: true }),
        store: fc.constantFrom('s1', 's2'),
        product: fc.constantFrom('p1', 'p2', '["p",1]', ''),
        quantity: fc.integer({ min: -3, max: 5 }),
        cents: fc.integer({ min: -10_000, max: 10_000 }),
        customer: fc.option(fc.constantFrom('c1', 'c2', 'c3'), { nil: undefined }),
        id: fc.option(fc.constantFrom('dup-1', 'dup-2'), { nil: undefined }),
      })
      .map(({ minute, customer, id, ...rest }) =>
        sale(minute, { ...rest, ...(customer === undefined ? {} : { customer }), ...(id === undefined ? {} : { id }) }),
      ),
  },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 300 }).map(pulse) },
  { weight: 1, arbitrary: fc.constant({ reject: 'schema' }) },
)

/** Mostly in order of time, as tills send, with some way out of it. */
const history = fc.array(fc.tuple(event, fc.boolean()), { minLength: 1, maxLength: 120 }).map((items) => {
  const time = (item: RetailEvent | { reject: string }) => ('reject' in item ? 0 : item.eventTimeMs)
  const ordered = items.filter(([, stray]) => !stray).sort(([a], [b]) => time(a) - time(b))
  let next = 0
  return log(...items.map(([item, stray]) => (stray ? item : (ordered[next++]?.[0] ?? item))))
})

/** The same with quiet spells of some minutes in it, so that pulses count. */
const spells = fc
  .tuple(history, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 120 }))
  .map(([entries, quietMinutes]) => {
    let quietMs = 0
    return entries.map((entry, index) => {
      quietMs += (quietMinutes[index] ?? 0) * 60_000
      return { ...entry, enqueuedMs: entry.enqueuedMs + quietMs }
    })
  })

const cuts = fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 12 })

/** The log folded in the given pieces, the state stored and restored between them. */
function inPieces(entries: readonly Entry[], at: readonly number[]): Emit[] {
  const bounds = [...new Set([0, ...at.filter((cut) => cut < entries.length), entries.length])].sort((a, b) => a - b)
  let state = emptyState(rules)
  const out: Emit[] = []
  for (const [index, from] of bounds.slice(0, -1).entries()) {
    out.push(...step(state, entries.slice(from, bounds[index + 1]), rules).out)
    state = decodeState(encodeState(state), rules)
  }
  return out
}

test('W3: any cut of the log into batches, with a restart at every cut, gives the same rows', () => {
  fc.assert(
    fc.property(spells, cuts, (entries, at) => {
      expect(inPieces(entries, at)).toEqual(inPieces(entries, []))
    }),
  )
})

test('W5: rows of a longer log begin with the rows of the shorter one', () => {
  fc.assert(
    fc.property(spells, fc.nat(120), (entries, length) => {
      const short = inPieces(entries.slice(0, length), [])
      expect(inPieces(entries, []).slice(0, short.length)).toEqual(short)
    }),
  )
})

test('closed windows, corrections and open windows add up to every event counted once', () => {
  fc.assert(
    fc.property(history, (entries) => {
      const { out, state } = step(emptyState(rules), entries, rules)
      const open = [...(state.windows.get('sales_1m')?.values() ?? [])].flatMap((cells) => [...cells.values()])
      const folded =
        out.reduce(
          (sum, emit) =>
            sum + (emit.kind !== 'stockout' && emit.rollup.name === 'sales_1m' ? Number(emit.values.total_revenue) : 0),
          0,
        ) + open.reduce((sum, cell) => sum + Number(cell.values[1]), 0)
      expect(folded).toBe(oncePerHorizon(entries))
    }),
  )
})

test('an alert opens and resolves in turns, never twice the same way', () => {
  fc.assert(
    fc.property(spells, (entries) => {
      const last = new Map<string, string>()
      for (const emit of inPieces(entries, [])) {
        if (emit.kind !== 'stockout') continue
        const shelf = JSON.stringify([emit.storeId, emit.productId])
        expect(emit.change).not.toBe(last.get(shelf) ?? 'resolved')
        last.set(shelf, emit.change)
      }
    }),
  )
})

test('rules that differ in anything have another id', () => {
  const ids = [
    rules,
    { ...rules, latenessMs: 1 },
    { ...rules, idleAfterMs: 1 },
    { ...rules, stockoutAfterMs: 1 },
    { ...rules, minorDigits: 3 },
    { ...rules, productKinds: 'GIFTCARD=gift_card' },
    { ...rules, rollups: rules.rollups.slice(1) },
    { ...rules, rollups: rules.rollups.map((rollup) => ({ ...rollup, windowMs: 300_000 })) },
  ].map(rulesId)
  expect(new Set(ids).size).toBe(ids.length)
})

/** Revenue by the plain definition: an id of a store counts unless it was counted while still remembered. */
function oncePerHorizon(entries: readonly Entry[]): number {
  const minuteMs = 60_000
  let watermarkMs = -Infinity
  let sum = 0
  const forgottenAtMs = new Map<string, number>()
  for (const entry of entries) {
    if (entry.kind === 'reject' || entry.event.type !== 'sale') continue
    const { storeId, eventId, eventTimeMs, lines } = entry.event
    const identity = JSON.stringify([storeId, eventId])
    if (watermarkMs < (forgottenAtMs.get(identity) ?? -Infinity)) continue
    sum += lines.reduce((total, line) => total + line.amountMinor, 0)
    const bucketEndMs = (Math.floor(Math.max(eventTimeMs, watermarkMs) / minuteMs) + 1) * minuteMs
    forgottenAtMs.set(identity, bucketEndMs + rules.latenessMs)
    watermarkMs = Math.max(watermarkMs, eventTimeMs - rules.latenessMs)
  }
  return sum
}
