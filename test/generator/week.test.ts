import { createProducts } from '../../generator/assortment'
import { type SaleEvent } from '../../src/event/event'
import { countBy, ofType, tellDays } from './weeks'

/**
 * One week of the small world on one seed. Bounds are wide: about half to twice what the tables of the generator ask
 * for, and every count behind a share is in the hundreds at least, so chance moves it by a tenth or so.
 */
const { told } = tellDays(7, { ratePerSecond: 0.15, pattern: 'calendar', late: 0, malformed: 0, outages: 0 })
const sales = ofType(told, 'sale')
const purchases = sales.filter(({ lines }) => lines.every(({ quantity }) => quantity > 0))
const inShops = purchases.filter(({ channel }) => channel === 'store')
const payments = ofType(told, 'payment')
const activities = ofType(told, 'activity')

const share = (part: number, whole: number): number => part / whole
const hourOf = ({ eventTimeMs }: { readonly eventTimeMs: number }): string =>
  String(new Date(eventTimeMs).getUTCHours())
const dayOf = ({ eventTimeMs }: { readonly eventTimeMs: number }): string => String(new Date(eventTimeMs).getUTCDay())
const pieces = ({ lines }: SaleEvent): number => lines.reduce((sum, { quantity }) => sum + quantity, 0)
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

test('the rate asked for is the average of a week', () => {
  // March is a little quieter than the year, and nothing was resent or spoilt here.
  expect(told.length / (7 * 86_400) / 0.15).toBeGreaterThan(0.85)
  expect(told.length / (7 * 86_400) / 0.15).toBeLessThan(1.1)
})

test('shops are busiest at noon and after work, on Saturdays most of all; the web shop in the evening', () => {
  const hours = countBy(inShops, hourOf)
  expect(hours.get('12')).toBeGreaterThan(2 * (hours.get('8') ?? 0))
  expect(hours.get('17')).toBeGreaterThan(1.15 * (hours.get('15') ?? 0))
  const days = countBy(inShops, dayOf)
  expect(days.get('6')).toBeGreaterThan(1.4 * (days.get('1') ?? 0))
  expect(days.get('0')).toBeLessThan(0.8 * (days.get('1') ?? 0))
  const web = countBy(activities, hourOf)
  expect(web.get('20')).toBeGreaterThan(1.5 * (web.get('10') ?? 0))
  expect(web.get('3')).toBeGreaterThan(0)
})

test('sessions go from views to the cart to the checkout to an order, and fewer arrive at each step', () => {
  const sessions = (steps: readonly { readonly sessionId?: string }[]): number =>
    new Set(steps.map(({ sessionId = '' }) => sessionId)).size
  const [all, cart, checkout] = ['view', 'add_to_cart', 'checkout'].map((step) =>
    sessions(activities.filter(({ action }) => action === step)),
  ) as [number, number, number]
  const ordered = sessions(purchases.filter(({ sessionId }) => sessionId !== undefined))
  expect(share(cart, all)).toBeGreaterThan(0.2)
  expect(share(cart, all)).toBeLessThan(0.45)
  expect(share(checkout, cart)).toBeGreaterThan(0.4)
  expect(share(checkout, cart)).toBeLessThan(0.75)
  expect(share(ordered, checkout)).toBeGreaterThan(0.6)
  expect(share(ordered, checkout)).toBeLessThan(0.95)
  expect(new Set(activities.map(({ channel }) => channel))).toEqual(new Set(['web', 'app']))
})

test('activity names a product with its category, and only what was put into the cart is ordered', () => {
  const categories = new Map(createProducts(1, 300).map((product) => [product.productId, product.namedText]))
  const strange = activities.filter(
    ({ productId = '', category }) => !categories.get(productId)?.endsWith(`"category":"${category}"`),
  )
  expect(strange).toEqual([])
  const carts = new Set(
    activities.flatMap(({ action, sessionId, productId }) =>
      action === 'add_to_cart' ? [`${sessionId} ${productId}`] : [],
    ),
  )
  // The first seconds of the week are the end of sessions begun before it.
  const ordered = purchases.filter(({ sessionId }) => sessionId !== undefined).slice(20)
  const unasked = ordered.filter(({ sessionId, lines }) =>
    lines.some(({ productId }) => !carts.has(`${sessionId} ${productId}`)),
  )
  expect(ordered.length).toBeGreaterThan(300)
  expect(unasked).toEqual([])
})

test('one customer in a hundred comes so often that they make a tenth of the visits or more', () => {
  const visits = countBy(
    purchases.filter(({ customerId }) => customerId !== undefined),
    ({ customerId = '' }) => customerId,
  )
  const counts = [...visits.values()].toSorted((a, b) => b - a)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  expect(share(sum(counts.slice(0, 200)), sum(counts))).toBeGreaterThan(0.1)
  expect(share(counts.filter((count) => count >= 2).length, counts.length)).toBeGreaterThan(0.2)
  expect(share(sum(counts), purchases.length)).toBeGreaterThan(0.4)
})

test('businesses buy more at a time and mostly on account', () => {
  const business = purchases.filter(({ customerSegment }) => customerSegment === 'B2B')
  const consumers = purchases.filter(({ customerSegment }) => customerSegment === 'B2C')
  expect(share(business.length, consumers.length)).toBeGreaterThan(0.04)
  expect(share(business.length, consumers.length)).toBeLessThan(0.25)
  expect(mean(business.map(pieces))).toBeGreaterThan(3 * mean(consumers.map(pieces)))
  const onAccount = business.filter(({ paymentMethod }) => paymentMethod === 'invoice').length
  expect(share(onAccount, business.length)).toBeGreaterThan(0.5)
})

test('baskets hold several lines, of products whose popularity falls with rank', () => {
  expect(mean(inShops.map(({ lines }) => lines.length))).toBeGreaterThan(2)
  const sold = countBy(
    purchases.flatMap(({ lines }) => lines),
    ({ productId }) => productId,
  )
  const ranked = [...sold.values()].toSorted((a, b) => b - a)
  expect(ranked[0]).toBeGreaterThan(5 * (ranked[100] ?? Infinity))
  expect(ranked[9]).toBeGreaterThan(2 * (ranked[100] ?? Infinity))
})

test('each sale is paid for what it cost, once; one card in twenty fails, for many reasons, and most try again', () => {
  const succeeded = new Map(
    payments.flatMap(({ status, orderId, amountMinor }) => (status === 'succeeded' ? [[orderId, amountMinor]] : [])),
  )
  const cents = ({ lines }: SaleEvent): number => lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0)
  // The payments of the last seconds come after the week.
  const wrong = sales.slice(0, -20).filter((sale) => succeeded.get(sale.orderId ?? '') !== cents(sale))
  expect(wrong).toEqual([])
  const byCard = payments.filter(({ method }) => method === 'card' || method === 'wallet')
  const failed = payments.filter(({ status }) => status === 'failed')
  expect(failed.filter((payment) => !byCard.includes(payment))).toEqual([])
  expect(share(failed.length, byCard.length)).toBeGreaterThan(0.03)
  expect(share(failed.length, byCard.length)).toBeLessThan(0.1)
  const reasons = countBy(failed, ({ failureReason = 'none' }) => failureReason)
  expect(reasons.size).toBe(6)
  const orders = new Set(failed.map(({ orderId }) => orderId))
  const paidLater = [...orders].filter((orderId) => succeeded.has(orderId)).length
  expect(share(paidLater, orders.size)).toBeGreaterThan(0.5)
  expect(paidLater).toBeLessThan(orders.size)
})

test('what comes back was bought before, in that store by that customer, and no dearer; clothes most of all', () => {
  const key = (sale: SaleEvent, { productId }: SaleEvent['lines'][number]): string =>
    `${sale.storeId} ${sale.customerId} ${productId}`
  const bought = new Map<string, { readonly firstMs: number; most: number }>()
  for (const sale of purchases) {
    for (const line of sale.lines) {
      const before = bought.get(key(sale, line)) ?? { firstMs: sale.eventTimeMs, most: 0 }
      bought.set(key(sale, line), { ...before, most: Math.max(before.most, line.quantity) })
    }
  }
  const returned = sales
    .filter((sale) => !purchases.includes(sale))
    .flatMap((sale) => sale.lines.map((line) => ({ sale, line, before: bought.get(key(sale, line)) })))
  expect(returned.length).toBeGreaterThan(100)
  const unbought = returned.filter(
    ({ sale, line, before }) =>
      before === undefined || before.firstMs >= sale.eventTimeMs || before.most < -line.quantity,
  )
  // Bought in the minute before the week began, or with an event that was spoilt on its way.
  expect(share(unbought.length, returned.length)).toBeLessThan(0.02)
  const rate = (category: string): number =>
    share(
      returned.filter(({ line }) => line.category === category).length,
      purchases.flatMap(({ lines }) => lines).filter((line) => line.category === category).length,
    )
  expect(rate('clothing')).toBeGreaterThan(5 * rate('dairy'))
})

test('a product on promotion costs less than usual and sells more', () => {
  const products = new Map(createProducts(1, 300).map((product) => [product.productId, product]))
  const lines = purchases.flatMap((sale) => sale.lines)
  const unit = ({ amountMinor, quantity }: (typeof lines)[number]): number => amountMinor / quantity
  const usual = (line: (typeof lines)[number]): number => products.get(line.productId)?.priceCents ?? NaN
  const promoted = lines.filter(({ promotionId }) => promotionId !== undefined)
  expect(promoted.filter((line) => !(unit(line) < 0.95 * usual(line)))).toEqual([])
  expect(lines.filter((line) => line.promotionId === undefined && unit(line) !== usual(line))).toEqual([])
  const offers = new Set(promoted.map(({ productId }) => productId))
  expect(share(offers.size, products.size)).toBeGreaterThan(0.02)
  const expected = [...offers].reduce((sum, productId) => sum + (products.get(productId)?.share ?? 0), 0)
  expect(share(promoted.length, lines.length)).toBeGreaterThan(1.4 * expected)
})
