import fc from 'fast-check'
import { type Alert } from '../../../../sim/eval/watch/alert'
import { defaultWatchRules } from '../../../../sim/eval/watch/rules'
import { decodeWatch, encodeWatch } from '../../../../sim/eval/watch/snapshot'
import { newWatch } from '../../../../sim/eval/watch/state'
import { watchBasket } from '../../../../sim/eval/watch/watch'
import { baskets, dayMs, follow, type Happening, hourMs, minuteMs, mondayMs } from './shop'

const rules = { falseAlarmsPerWeek: 5, alertsPerShift: 3 }

/** A shop with troubles of all kinds, told partly late and with counts. */
const troubled = fc
  .record({ seed: fc.nat(1_000), stores: fc.integer({ min: 1, max: 3 }), late: fc.nat(40), counts: fc.nat(30) })
  .map(({ seed, stores, late, counts }) => {
    const shares = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`p${i}`, 0.3 / (i + 1)]))
    const has = ({ productId, timeMs }: { productId: string; timeMs: number }) =>
      Math.floor(timeMs / (7 * hourMs)) % 6 !== Number(productId.slice(1))
    const happenings: Happening[] = baskets({
      seed,
      days: 10,
      stores,
      basketsPerHour: 12,
      shares,
      has,
      isOpen: (ms) => ms % dayMs > 6 * hourMs && Math.floor(ms / (17 * hourMs)) % 9 !== 3,
    }).map((basket, i) =>
      late > 0 && i % (late + 20) === 0
        ? { basket: { ...basket, eventTimeMs: basket.eventTimeMs - (i % 300) * minuteMs } }
        : { basket },
    )
    for (let i = 0; i < counts; i++) {
      const place = (i * 7919) % happenings.length
      const eventTimeMs = mondayMs + (place / happenings.length) * 10 * dayMs
      const reason = i % 4 === 0 ? 'delivery' : 'count'
      happenings.splice(place, 0, {
        count: { storeId: 's0', productId: `p${i % 6}`, eventTimeMs, onHand: i % 3 === 0 ? 7 : 0, reason },
      })
    }
    return happenings
  })

test('S2: a snapshot taken anywhere goes on as the original, and comes out the same when taken again', () => {
  fc.assert(
    fc.property(troubled, fc.double({ min: 0, max: 1, noNaN: true }), (happenings, where) => {
      const cut = Math.floor(where * happenings.length)
      const whole = follow(happenings, { rules })
      const first = follow(happenings.slice(0, cut), { rules })
      const text = encodeWatch(first.watch)
      const second = follow(happenings.slice(cut), { rules, watch: decodeWatch(text) })
      expect([...first.alerts, ...second.alerts]).toEqual(whole.alerts)
      expect(encodeWatch(second.watch)).toBe(encodeWatch(whole.watch))
    }),
    { numRuns: 6 },
  )
})

test('S1: of every shelf alerts open and resolve in turn, none before it opened, none after the next', () => {
  let seen = 0
  fc.assert(
    fc.property(troubled, (happenings) => {
      const last = new Map<string, Alert>()
      for (const alert of follow(happenings, { rules }).alerts) {
        const shelf = `${alert.storeId} ${alert.productId}`
        const before = last.get(shelf)
        if (alert.change === 'opened') expect(before?.change ?? 'resolved').toBe('resolved')
        else expect(before).toMatchObject({ change: 'opened', kind: alert.kind, openedMs: alert.openedMs })
        if (alert.resolvedMs !== null) expect(alert.resolvedMs).toBeGreaterThanOrEqual(alert.openedMs)
        last.set(shelf, alert)
        seen += 1
      }
    }),
    { numRuns: 6 },
  )
  expect(seen).toBeGreaterThan(20)
})

test('S4: a basket of one product looks at few shelves, however many there are', () => {
  const watch = newWatch()
  let looks = 0
  const products = 1_000
  const basket = (i: number, product: number) => ({
    storeId: 's',
    eventTimeMs: mondayMs + i * 10_000,
    lines: [{ productId: `p${product}`, kind: 'goods', category: 'c', pieces: 1, amountMinor: 1 }],
  })
  const heapReads = () => looks
  for (let i = 0; i < 8_000; i++) {
    const before = watch.shelves.columns.due.slice(0, watch.shelves.count)
    watchBasket(watch, basket(i, (i * 7) % products), defaultWatchRules)
    // What was looked at has another due; sampled, for comparing all columns each time is slow.
    if (i % 200 === 0)
      for (let row = 0; row < before.length; row++) if (before[row] !== watch.shelves.columns.due[row]) looks += 1
  }
  expect(heapReads() / 40).toBeLessThan(60)
})
