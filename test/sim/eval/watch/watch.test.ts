import { defaultWatchRules, watchRulesId } from '../../../../sim/eval/watch/rules'
import { priorShare } from '../../../../sim/eval/watch/product'
import { type Alert } from '../../../../sim/eval/watch/alert'
import { openAlerts } from '../../../../sim/eval/watch/open-alert'
import { at, type Columns, findShelf } from '../../../../sim/eval/watch/shelves'
import { type Watch } from '../../../../sim/eval/watch/state'
import { baskets, dayMs, follow, followShop, hourMs, minuteMs, mondayMs, type Shop } from './shop'

/** Three stores of twenty days with ten products, in which nothing is ever missing. */
const shares = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, 0.25 / (i + 1)]))
const calm: Shop = { seed: 5, days: 20, stores: 3, basketsPerHour: 40, shares }
/** So strict that chance opens nothing in all these weeks. */
const rules = { falseAlarmsPerWeek: 0.003, alertsPerShift: 1_000 }

const opened = (alerts: readonly Alert[]) => alerts.filter(({ change }) => change === 'opened')
const on = (day: number, hour: number) => mondayMs + day * dayMs + hour * hourMs
const brief = ({ change, kind, storeId, productId }: Alert) => [change, kind, storeId, productId].join(' ')

test('S3: nights, Sundays and a holiday of all stores raise nothing', () => {
  const holiday = (timeMs: number) => timeMs >= on(15, 0) && timeMs < on(16, 0)
  const { alerts, watch } = followShop(
    {
      ...calm,
      isOpen: (ms) =>
        !holiday(ms) && new Date(ms).getUTCDay() !== 0 && ms % dayMs >= 8 * hourMs && ms % dayMs < 20 * hourMs,
    },
    rules,
  )
  expect(watch.baskets).toBeGreaterThan(20_000)
  expect(alerts).toEqual([])
})

test('an empty shelf opens one alert when chance is ruled out, and the next sale resolves it', () => {
  const gone = { storeId: 's1', productId: 'p1', fromMs: on(16, 10), toMs: on(16, 18) }
  const has: Shop['has'] = ({ storeId, productId, timeMs }) =>
    storeId !== gone.storeId || productId !== gone.productId || timeMs < gone.fromMs || timeMs >= gone.toMs
  const { alerts } = followShop({ ...calm, has }, rules)
  expect(alerts.map(brief)).toEqual(['opened silence s1 p1', 'resolved silence s1 p1'])
  const [open, resolved] = alerts as [Alert, Alert]
  // 40 baskets an hour with a share of an eighth: ten are expected in two hours, twenty in four.
  expect(open.openedMs).toBeGreaterThan(gone.fromMs + 1.5 * hourMs)
  expect(open.openedMs).toBeLessThan(gone.fromMs + 4.5 * hourMs)
  expect(open.evidence.expectedBaskets).toBeGreaterThan(8)
  expect(open.evidence.logProbability).toBeLessThan(-8)
  expect(open.evidence.soldElsewhere).toBeGreaterThan(5)
  expect(open.evidence.onHand).toBeNull()
  expect(open.evidence.lastSaleMs).toBeLessThan(gone.fromMs)
  expect(resolved.openedMs).toBe(open.openedMs)
  expect(resolved.resolvedMs).toBeGreaterThanOrEqual(gone.toMs)
  // Eight hours of five baskets, one piece of 2.50 in each; an estimate on the safe side.
  expect(resolved.lost.units).toBeGreaterThan(28)
  expect(resolved.lost.units).toBeLessThan(48)
  expect(resolved.lost.amountMinor / resolved.lost.units).toBeCloseTo(250, 0)
  expect(open.lost.units).toBeLessThan(resolved.lost.units)
})

test('where the books say there is something the same silence is phantom stock', () => {
  const [fromMs, toMs] = [on(16, 10), on(16, 18)]
  const has: Shop['has'] = ({ storeId, productId, timeMs }) =>
    storeId !== 's1' || productId !== 'p1' || timeMs < fromMs || timeMs >= toMs
  const happenings = baskets({ ...calm, has }).map((basket) => ({ basket }))
  const count = { storeId: 's1', productId: 'p1', eventTimeMs: fromMs, onHand: 12, reason: 'count' }
  const at = happenings.findIndex(({ basket }) => basket.eventTimeMs > fromMs)
  const { alerts } = follow([...happenings.slice(0, at), { count }, ...happenings.slice(at)], { rules })
  expect(alerts.map(brief)).toEqual(['opened phantom s1 p1', 'resolved phantom s1 p1'])
  expect(alerts[0]?.evidence.onHand).toBe(12)
})

describe('counts', () => {
  const history = baskets({ ...calm, days: 3 }).map((basket) => ({ basket }))
  const lastMs = history.at(-1)?.basket.eventTimeMs ?? 0
  const count = (onHand: number, afterMs: number, reason = 'count') => ({
    count: { storeId: 's1', productId: 'p3', eventTimeMs: lastMs + afterMs, onHand, reason },
  })
  const sale = (afterMs: number) => ({
    basket: {
      storeId: 's1',
      eventTimeMs: lastMs + afterMs,
      lines: [{ productId: 'p3', kind: 'goods', category: 'c', pieces: 2, amountMinor: 500 }],
    },
  })

  test('S1: a count of none opens at once and only once; pieces there again resolve it', () => {
    const { alerts } = follow([...history, count(0, 1), count(0, 2), count(9, 3), count(9, 4)])
    expect(alerts.map(brief)).toEqual(['opened confirmed s1 p3', 'resolved confirmed s1 p3'])
    expect(alerts[1]).toMatchObject({ openedMs: lastMs + 1, resolvedMs: lastMs + 3 })
  })

  test('a sale resolves it too, one that happened before it does not', () => {
    expect(follow([...history, count(0, 5), sale(4)]).alerts).toHaveLength(1)
    expect(follow([...history, count(0, 5), sale(4), sale(6)]).alerts.map(brief)).toEqual([
      'opened confirmed s1 p3',
      'resolved confirmed s1 p3',
    ])
  })

  test('what never sold here is not missed, nor what has not sold for longer than the memory', () => {
    const strange = { count: { ...count(0, 1).count, productId: 'never' } }
    expect(follow([...history, strange, count(0, defaultWatchRules.memoryMs + dayMs)]).alerts).toEqual([])
  })

  test('rules without it open nothing', () => {
    expect(follow([...history, count(0, 1)], { rules: { confirmed: false } }).alerts).toEqual([])
  })
})

test('a product that is sold nowhere any more raises no storm, one that ends in one store raises one alert', () => {
  const endMs = on(13, 12)
  const nowhere = followShop(
    { ...calm, days: 24, has: ({ productId, timeMs }) => productId === 'bag' || productId > 'p2' || timeMs < endMs },
    rules,
  )
  expect(nowhere.alerts).toEqual([])
  const here = followShop(
    {
      ...calm,
      days: 24,
      has: ({ storeId, productId, timeMs }) => storeId !== 's2' || productId > 'p0' || timeMs < endMs,
    },
    rules,
  )
  expect(here.alerts.map(brief)).toEqual(['opened silence s2 p0'])
})

test('a promotion that sells four times as much and ends raises nothing', () => {
  const isOn = (timeMs: number) => timeMs >= on(7, 0) && timeMs < on(14, 0)
  const isIn = (product: string, timeMs: number) => product > 'p2' && isOn(timeMs)
  const { alerts } = followShop(
    {
      ...calm,
      stores: 1,
      demand: (product, timeMs) => (isIn(product, timeMs) ? 4 : 1),
      promotionOf: (product, timeMs) => (isIn(product, timeMs) ? 'week-11' : undefined),
    },
    { ...rules, falseAlarmsPerWeek: 0.05 },
  )
  expect(alerts).toEqual([])
})

describe('the first sale in or after a promotion', () => {
  const week = [on(7, 0), on(14, 0)] as const
  const isIn = (product: string, timeMs: number) => product === 'p1' && timeMs >= week[0] && timeMs < week[1]
  const all = baskets({
    ...calm,
    days: 15,
    demand: (product, timeMs) => (isIn(product, timeMs) ? 4 : 1),
    promotionOf: (product, timeMs) => (isIn(product, timeMs) ? 'week-11' : undefined),
  })
  const followed = (end: number) =>
    follow(
      all.slice(0, end).map((basket) => ({ basket })),
      { rules },
    ).watch
  /** What is known of p1 in store s1. */
  const shelf = ({ shelves, storeNumbers, productNumbers, stores }: Watch) => {
    const number = storeNumbers.get('s1') ?? -1
    const row = findShelf(shelves, number, productNumbers.numbers.get('p1') ?? -1)
    const [sales, exposure, base] = [shelves.columns.sales, shelves.columns.exposure, shelves.columns.baseShare].map(
      (column) => at(column, row),
    ) as [number, number, number]
    return { baskets: sales / (stores[number]?.weight ?? NaN), share: sales / exposure, base }
  }
  /** Before and after the first sale of p1 in s1 from then on. */
  const around = (fromMs: number) => {
    const end = all.findIndex(
      ({ storeId, eventTimeMs, lines }) =>
        eventTimeMs >= fromMs && storeId === 's1' && lines.some(({ productId }) => productId === 'p1'),
    )
    return [followed(end), followed(end + 1)].map(shelf) as [ReturnType<typeof shelf>, ReturnType<typeof shelf>]
  }

  test('leaves the share known from three baskets; the share before it is kept, and taken up again after it', () => {
    const [before, first] = around(week[0])
    expect(before.baskets).toBeGreaterThan(200)
    expect(before.share).toBeCloseTo(0.125, 1)
    expect(first.baskets).toBeCloseTo(3, 6)
    expect(first.share).toBeCloseTo(before.share, 2)
    expect(first.base).toBeCloseTo(first.share, 6)
    const [promoted, after] = around(week[1])
    expect(promoted.share).toBeGreaterThan(0.35)
    expect(after.baskets).toBeCloseTo(3, 6)
    expect(after.share).toBeCloseTo(first.base, 6)
    expect(after.base).toBe(0)
  })

  test('takes as much from what all shelves of the product and the category have sold', () => {
    const { shelves, products, categories } = followed(all.length)
    const { columns, count } = shelves
    const rows = Array.from({ length: count }, (_, row) => row)
    const sum = (column: Columns['sales'], of: readonly number[]) =>
      of.reduce((total, row) => total + at(column, row), 0)
    products.forEach((product, number) => {
      const own = rows.filter((row) => at(columns.product, row) === number)
      expect(product.weighted / sum(columns.sales, own)).toBeCloseTo(1, 4)
      expect(product.exposure / sum(columns.exposure, own)).toBeCloseTo(1, 4)
    })
    expect((categories[0]?.weighted ?? NaN) / sum(columns.sales, rows)).toBeCloseTo(1, 4)
    expect((categories[0]?.exposure ?? NaN) / sum(columns.exposure, rows)).toBeCloseTo(1, 4)
  })
})

test('a product that is new raises nothing while it finds its buyers', () => {
  const { alerts } = followShop(
    { ...calm, has: ({ productId, timeMs }) => productId !== 'p4' || timeMs > on(10, 12) },
    rules,
  )
  expect(alerts).toEqual([])
})

test('a store that falls silent in the middle of trade opens one alert, and none of its products', () => {
  const isDark = (timeMs: number, storeId: string) => storeId === 's0' && timeMs >= on(16, 11) && timeMs < on(16, 15)
  const { alerts } = followShop(
    { ...calm, isOpen: (ms, storeId) => !isDark(ms, storeId) && ms % dayMs >= 8 * hourMs && ms % dayMs < 20 * hourMs },
    rules,
  )
  expect(alerts.map(brief)).toEqual(['opened store-silent s0 ', 'resolved store-silent s0 '])
  expect(alerts[0]?.openedMs).toBeLessThan(on(16, 13))
  expect(alerts[0]?.evidence.expectedBaskets).toBeGreaterThanOrEqual(60)
})

test('a store that does not open while the others do is silent too', () => {
  const { alerts } = followShop(
    {
      ...calm,
      isOpen: (ms, storeId) =>
        ms % dayMs >= 8 * hourMs && ms % dayMs < 20 * hourMs && !(storeId === 's0' && ms >= on(16, 0)),
    },
    rules,
  )
  expect(alerts.map(brief)).toEqual(['opened store-silent s0 '])
})

test('a shelf that would need more than the time set is never alarmed about, however long it is empty', () => {
  // 1.7 a day: chance is ruled out after some eight days of trade.
  const shop: Shop = {
    ...calm,
    days: 32,
    shares: { ...shares, rare: 0.0035 },
    has: ({ productId, storeId, timeMs }) => productId !== 'rare' || storeId !== 's1' || timeMs < on(12, 0),
  }
  expect(followShop(shop, { ...rules, observableMs: 5 * dayMs }).alerts).toEqual([])
  expect(followShop(shop, { ...rules, observableMs: 30 * dayMs }).alerts.map(brief)).toEqual(['opened silence s1 rare'])
})

test('beyond the cap alerts are held back and counted, and the dearest of them come with the next shift', () => {
  const fromMs = on(16, 9)
  const has: Shop['has'] = ({ productId, timeMs, storeId }) =>
    storeId !== 's0' || productId === 'bag' || productId > 'p4' || timeMs < fromMs
  const { alerts } = followShop({ ...calm, days: 17, has }, { ...rules, alertsPerShift: 2, shiftMs: 8 * hourMs })
  // Shifts end at 8, 16 and 24 o'clock: two by 16, two after.
  const shown = opened(alerts)
  expect(shown).toHaveLength(4)
  expect(shown.filter(({ openedMs }) => openedMs < on(16, 16))).toHaveLength(2)
  expect(shown[1]?.evidence.heldBack).toBe(0)
  const [third, fourth] = shown.slice(2) as [Alert, Alert]
  expect(third.lost.amountMinor).toBeGreaterThanOrEqual(fourth.lost.amountMinor)
})

test('returns, voids and what is no goods tick nothing and sell nothing', () => {
  const line = { productId: 'p', kind: 'goods', pieces: 1, amountMinor: 1 }
  const basket = { storeId: 's', eventTimeMs: mondayMs, lines: [line] }
  const nothing = [
    { ...basket, voids: 'R1' },
    { ...basket, lines: [{ ...line, pieces: -1 }] },
    { ...basket, lines: [{ ...line, kind: 'fee' }] },
  ]
  const { watch } = follow(nothing.map((each) => ({ basket: each })))
  expect([watch.baskets, watch.shelves.count]).toEqual([0, 0])
})

test('a sale told late takes the silence back to when it happened', () => {
  const gone: Shop['has'] = ({ storeId, productId, timeMs }) =>
    storeId !== 's1' || productId !== 'p0' || timeMs < on(16, 10)
  const happenings = baskets({ ...calm, days: 17, has: gone }).map((basket) => ({ basket }))
  const line = { productId: 'p0', kind: 'goods', category: 'c', pieces: 1, amountMinor: 250 }
  const tellAt = happenings.findIndex(({ basket }) => basket.eventTimeMs > on(16, 10.7))
  const late = { basket: { storeId: 's1', eventTimeMs: on(16, 10) - minuteMs, lines: [line] } }
  const told = opened(follow([...happenings.slice(0, tellAt), late, ...happenings.slice(tellAt)], { rules }).alerts)
  expect(told).toHaveLength(1)
  expect(told[0]?.evidence.lastSaleMs).toBe(on(16, 10) - minuteMs)
  // It takes some 65 minutes; taken as a sale of now, it would be 11:47.
  expect(told[0]?.openedMs).toBeGreaterThan(on(16, 10.8))
  expect(told[0]?.openedMs).toBeLessThan(on(16, 11.6))
})

test('empty shelves nobody noticed do not hide the next: they teach little of how a product sells', () => {
  // Gone for 36 of 90 minutes, six expected baskets each time, and an alert takes more.
  const has: Shop['has'] = ({ productId, timeMs }) => productId !== 'p0' || timeMs % (90 * minuteMs) > 36 * minuteMs
  const { watch, alerts } = followShop({ ...calm, days: 12, stores: 1, has }, rules)
  expect(alerts).toEqual([])
  const { columns } = watch.shelves
  const row = watch.productNumbers.numbers.get('p0') ?? -1
  // A quarter of baskets while it is there; over all of them 0.15.
  expect((columns.sales[row] ?? 0) / (columns.exposure[row] ?? 1)).toBeGreaterThan(0.165)
})

test('open alerts are seen as they grow', () => {
  const has: Shop['has'] = ({ storeId, productId, timeMs }) =>
    storeId !== 's1' || productId !== 'p1' || timeMs < on(16, 10)
  const { watch, alerts } = followShop({ ...calm, has, days: 18 }, rules)
  const [open] = openAlerts(watch)
  expect(openAlerts(watch)).toHaveLength(1)
  expect(open).toMatchObject({ change: 'opened', storeId: 's1', productId: 'p1', openedMs: alerts[0]?.openedMs })
  expect(open?.lost.units).toBeGreaterThan(3 * (alerts[0]?.lost.units ?? Infinity))
})

test('a new shelf is thought to sell as the product does elsewhere, and where it is new everywhere as its category', () => {
  const product = {
    productId: 'p',
    category: 0,
    sales: 50,
    total: 50,
    before: 0,
    until: 1_000,
    weighted: 50,
    exposure: 1_000,
  }
  const category = { name: 'c', weighted: 500, exposure: 100_000 }
  const alone = { ...product, weighted: 0, exposure: 0 }
  const none = { sales: 0, exposure: 0 }
  expect(priorShare(product, category, none, 1).mean).toBeCloseTo(51 / 1_200, 2)
  expect(priorShare(alone, category, none, 1).mean).toBeCloseTo(0.005, 3)
  expect(priorShare(product, category, none, 1).known).toBeGreaterThan(priorShare(alone, category, none, 1).known)
})

test('rules that change the alerts have another identity', () => {
  const ids = Object.entries<number | boolean>({ ...defaultWatchRules }).map(([name, value]) =>
    watchRulesId({ ...defaultWatchRules, [name]: typeof value === 'boolean' ? !value : value + 1 }),
  )
  expect(new Set([watchRulesId(defaultWatchRules), ...ids]).size).toBe(ids.length + 1)
})
