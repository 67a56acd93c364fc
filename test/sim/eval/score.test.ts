import { type Raised, raisedByPoisson, raisedByWatch, raisedByWindow, salesOf } from '../../../sim/eval/detect'
import { evaluate } from '../../../sim/eval/evaluate'
import { between, score, spellsOf } from '../../../sim/eval/score'
import { partitionOf, type Tape } from '../../../sim/eval/tape'
import { baskets, dayMs, hourMs, mondayMs } from './watch/shop'

/** Ten days of one store, a basket each minute by day and night, product p in every sixth; p is missing on day 8 from 0 to 5 o'clock. */
const missing = {
  storeId: 's',
  productId: 'p',
  kind: 'stockout',
  fromMs: mondayMs + 8 * dayMs,
  toMs: mondayMs + 8 * dayMs + 5 * hourMs,
}
const events = Array.from({ length: 10 * 24 * 60 }, (_, i) => {
  const eventTimeMs = mondayMs + i * 60_000
  const line = (productId: string) => ({ productId, kind: 'goods', pieces: 1, amountMinor: 1 })
  const isThere = i % 6 === 0 && !(eventTimeMs >= missing.fromMs && eventTimeMs < missing.toMs)
  return {
    kind: 'sale' as const,
    basket: { storeId: 's', eventTimeMs, lines: isThere ? [line('bag'), line('p')] : [line('bag')] },
  }
})
const tape: Tape = {
  name: 't',
  events,
  truth: [missing],
  fromMs: mondayMs + 7 * dayMs,
  toMs: mondayMs + 10 * dayMs,
  partitions: 1,
}
const sales = salesOf(tape)
const spells = spellsOf(tape, sales)

test('a spell is worth the baskets that did not come', () => {
  expect(spells).toHaveLength(1)
  expect(spells[0]?.worth).toBeCloseTo(50, 0)
})

test('an alert in the spell is right, with its delay and what it saves; one outside is false', () => {
  const alert = (hours: number): Raised => ({
    storeId: 's',
    productId: 'p',
    openedMs: missing.fromMs + hours * hourMs,
    resolvedMs: Infinity,
    expected: 0,
    kind: 'silence',
  })
  const right = score(tape, [alert(1)], { spells, sales })
  expect(right).toMatchObject({
    alerts: 1,
    precision: 1,
    recall: 1,
    recallLong: 1,
    recallHour: 1,
    falsePerStoreWeek: 0,
  })
  expect(right.delayBaskets.median).toBeCloseTo(10, 0)
  expect(right.delayMinutes.median).toBe(60)
  expect(right.lostShare).toBeCloseTo(0.8, 2)
  // Three days are scored.
  expect(score(tape, [alert(5), alert(-1)], { spells, sales })).toMatchObject({
    precision: 0,
    recall: 0,
    falsePerStoreWeek: (2 * 7) / 3,
  })
  expect(score(tape, [], { spells, sales })).toMatchObject({ precision: null, recall: 0, lostShare: 0 })
  expect(score(tape, [alert(-100)], { spells, sales })).toMatchObject({ alerts: 0 })
})

test('the window opens after its time, the zero-run after the logarithm of the silences it may err in', () => {
  const inSpell = ({ openedMs }: Raised) => openedMs >= missing.fromMs
  const lastMs = missing.fromMs - 6 * 60_000
  expect(
    raisedByWindow(tape, sales, 2 * hourMs)
      .filter(inSpell)
      .map(({ openedMs }) => openedMs),
  ).toEqual([lastMs + 2 * hourMs])
  const [run] = raisedByPoisson(tape, sales, 1).filter(inSpell)
  expect((run?.openedMs ?? 0) - lastMs).toBeGreaterThan(Math.log(8_000) * 6 * 60_000)
  expect((run?.openedMs ?? 0) - lastMs).toBeLessThan(Math.log(16_000) * 6 * 60_000)
})

test('the watch finds the spell and nothing else', () => {
  const raised = raisedByWatch(tape, { counts: false })
  expect(raised.filter(({ openedMs }) => openedMs >= tape.fromMs)).toHaveLength(1)
  expect(score(tape, raised, { spells, sales })).toMatchObject({ precision: 1, recall: 1 })
})

test('silences of a shop in which nothing is missing are as improbable as they say', () => {
  const shop = baskets({ seed: 3, days: 13, shares: { a: 0.2, b: 0.1, c: 0.05 } })
  // What is in every basket has no silences to speak of; baskets of it alone still are baskets.
  const calm = shop.map((basket) => ({
    kind: 'sale' as const,
    basket: {
      ...basket,
      lines: basket.lines.map((line) =>
        line.productId === 'bag' ? { ...line, productId: `bag ${basket.eventTimeMs}` } : line,
      ),
    },
  }))
  const { calibration, results } = evaluate({ ...tape, events: calm, truth: [], toMs: mondayMs + 13 * dayMs }, [1])
  for (const { p, share } of calibration.filter(({ p: level }) => level >= 0.05)) {
    expect(share / p).toBeGreaterThan(0.7)
    expect(share / p).toBeLessThan(1.3)
  }
  expect(results.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['adaptive', 'poisson', 'window']))
})

test('times are counted from the first to before the last', () => {
  expect(between([1, 2, 2, 3], 2, 3)).toBe(2)
  expect(between([], 0, 9)).toBe(0)
})

test('stores spread over partitions', () => {
  expect(new Set(Array.from({ length: 40 }, (_, i) => partitionOf(`store-${i}`, 4))).size).toBe(4)
})
