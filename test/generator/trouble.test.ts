import { createWorld } from '../../generator/world'
import { dayMs } from '../../src/day'
import { countBy, groupBy, hourMs, mondayMs, ofType, tellDays, type Told, type Trouble } from './weeks'

const shelfOf = ({ storeId, productId }: { readonly storeId: string; readonly productId: string | null }): string =>
  `${storeId} ${productId}`
/** Something begun before may take a minute to come to an end: a visit, a second attempt to pay, the network. */
const graceMs = 60_000
const within = (timeMs: number, { fromMs, toMs }: Trouble): boolean => timeMs > fromMs + graceMs && timeMs < toMs
const shared = { stores: 4, products: 40, late: 0, malformed: 0, duplicates: 0 } as const

describe('shelves', () => {
  const { told, truth } = tellDays(2, { ...shared, ratePerSecond: 0.5, outages: 0 })
  const missing = truth.filter(({ kind }) => kind !== 'outage')

  test('what cannot be had is neither sold nor put into a cart, and customers leave without it', () => {
    expect(new Set(missing.map(({ kind }) => kind))).toEqual(new Set(['stockout', 'phantom']))
    const troubles = groupBy(missing, shelfOf)
    const soldAnyway = ofType(told, 'sale').flatMap(({ storeId, eventTimeMs, lines }) =>
      lines.filter(
        ({ productId, quantity }) =>
          quantity > 0 &&
          (troubles.get(`${storeId} ${productId}`) ?? []).some((trouble) => within(eventTimeMs, trouble)),
      ),
    )
    expect(soldAnyway).toEqual([])
    expect(missing.filter(({ units }) => units > 0).length).toBeGreaterThan(missing.length / 4)
  })

  test('a stock-out is counted as none on hand; phantom stock is still there by the books', () => {
    const stock = groupBy(ofType(told, 'stock'), shelfOf)
    const countedAs = (trouble: Trouble): number | undefined =>
      stock
        .get(shelfOf(trouble))
        ?.find(({ eventTimeMs, reason }) => reason === 'count' && eventTimeMs === trouble.fromMs)?.onHand
    const told0 = missing.filter(({ fromMs }) => fromMs < mondayMs + 2 * dayMs - graceMs)
    const wrong = told0.filter((trouble) => (trouble.kind === 'stockout') !== (countedAs(trouble) === 0))
    expect(told0.length).toBeGreaterThan(20)
    expect(wrong).toEqual([])
  })

  test('it ends with a delivery, or when somebody finds it', () => {
    const stock = groupBy(ofType(told, 'stock'), shelfOf)
    const ended = missing.filter(({ toMs }) => toMs < mondayMs + 2 * dayMs - graceMs)
    const reasons = ended.map(
      (trouble) => stock.get(shelfOf(trouble))?.find(({ eventTimeMs }) => eventTimeMs === trouble.toMs)?.reason,
    )
    expect(new Set(reasons)).toEqual(new Set(['delivery', 'adjustment']))
  })

  test('shelves that sell are filled again', () => {
    const deliveries = ofType(told, 'stock').filter(({ reason }) => reason === 'delivery')
    expect(deliveries.length).toBeGreaterThan(2 * missing.length)
  })
})

test('nothing is heard of a store that is out; then what it kept comes, or it never happened', () => {
  const { told, truth } = tellDays(2, { ...shared, ratePerSecond: 0.5, outages: 20 })
  const outages = truth.filter(({ kind, toMs }) => kind === 'outage' && toMs < Infinity)
  expect(outages.length).toBeGreaterThan(5)
  const heard = (outage: Trouble, timeOf: (each: Told) => number): readonly Told[] =>
    told.filter(
      (each) => 'storeId' in each.event && each.event.storeId === outage.storeId && within(timeOf(each), outage),
    )
  const during = outages.flatMap((outage) => heard(outage, ({ atMs }) => atMs))
  expect(during).toEqual([])
  const visits = outages.map(
    (outage) => heard(outage, ({ event }) => event.eventTimeMs).filter(({ event }) => event.type === 'sale').length,
  )
  const [dark, offline] = [visits.filter((count) => count === 0), visits.filter((count) => count > 0)]
  expect(dark.length).toBeGreaterThan(0)
  expect(offline.length).toBeGreaterThan(0)
  expect(outages.filter(({ units }, i) => units > 0 && (visits[i] ?? 0) > 0)).toEqual([])
  expect(told.filter(({ flaw }) => flaw === 'late').length).toBeGreaterThan(0)
})

describe('a chain in many countries', () => {
  const { told } = tellDays(7, { world: 'chain', ratePerSecond: 0.06, pattern: 'calendar', late: 0.05, outages: 0 })
  const { stores } = createWorld({ seed: 1, world: 'chain' })
  const byId = new Map(stores.map((store) => [store.storeId, store]))

  test('nobody buys in a closed shop, by the clock on its wall', () => {
    const clocks = new Map(
      [...new Set(stores.map(({ zone }) => zone))].map((timeZone) => [
        timeZone,
        new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' }),
      ]),
    )
    const isOpen = (storeId: string, timeMs: number): boolean => {
      const store = byId.get(storeId)
      if (store === undefined || store.hours === 'always') return true
      const parts = clocks.get(store.zone)?.formatToParts(timeMs) ?? []
      const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? ''
      const [from, to] = store.hours[['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday'))] ?? [
        0, 0,
      ]
      return Number(part('hour')) >= from && Number(part('hour')) < to
    }
    const sales = ofType(told, 'sale')
    // Who came in before closing time may still be at the till.
    const closed = sales.filter(
      ({ storeId, eventTimeMs }) => !isOpen(storeId, eventTimeMs) && !isOpen(storeId, eventTimeMs - graceMs),
    )
    expect(sales.length).toBeGreaterThan(5_000)
    expect(closed).toEqual([])
    const berlinSundays = sales.filter(
      ({ country, channel, eventTimeMs }) =>
        country === 'Germany' && channel === 'store' && eventTimeMs > mondayMs + 6 * dayMs + hourMs,
    )
    expect(berlinSundays.filter(({ eventTimeMs }) => eventTimeMs < mondayMs + 6 * dayMs + 20 * hourMs)).toEqual([])
  })

  test('every country sells, and most stores do', () => {
    const sales = ofType(told, 'sale')
    expect(countBy(sales, ({ country = '' }) => country).size).toBe(7)
    expect(countBy(sales, ({ storeId }) => storeId).size).toBeGreaterThan(500)
  })
})

test.each([
  ['small', 12, 300, 2],
  ['city', 60, 2_000, 3],
  ['chain', 600, 12_000, 8],
] as const)('the world %s has %i stores, %i products and %i web shops', (world, stores, products, webShops) => {
  const made = createWorld({ seed: 1, world })
  expect(made.stores).toHaveLength(stores)
  expect(made.products).toHaveLength(products)
  expect(made.stores.filter(({ channel }) => channel === 'web')).toHaveLength(webShops)
  expect(new Set(made.stores.map(({ storeId }) => storeId)).size).toBe(stores)
  expect(made.products.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
})
