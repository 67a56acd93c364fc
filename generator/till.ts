// Tested in test/generator/week.test.ts.
import { dayMs } from '../src/day'
import { categories } from './assortment'
import { type ReturnErrand } from './errand'
import { amountText, type ByteText } from './event-text'
import { type Line } from './line'
import { logUniform, type Random, weighted, whole } from './random'
import { type Scene } from './scene'
import { putBack } from './stockroom'
import { tell, type Visit } from './visit'

/** Means of payment, each as often as its number says. */
const methods = {
  store: picker({ card: 60, cash: 24, wallet: 13, voucher: 3 }),
  web: picker({ card: 58, wallet: 34, invoice: 5, voucher: 3 }),
  app: picker({ card: 45, wallet: 52, voucher: 3 }),
  business: picker({ invoice: 72, card: 28 }),
} as const

/** Why a payment failed, in the words of the provider. */
const reasons = picker({
  'insufficient funds': 34,
  'card declined': 27,
  'authentication failed': 17,
  'card expired': 12,
  'no answer from the bank': 10,
})

/** Cards and wallets fail; cash, vouchers and invoices do not. */
const failures = {
  first: 0.05,
  again: 0.35,
  maxAttempts: 3,
  withoutReason: 0.03,
  anotherMethod: 0.3,
  /** Share of customers who give up after a failed attempt: the basket is left at the till, or the tab is closed. */
  giveUp: { store: 0.12, web: 0.4, app: 0.35 },
} as const

/** Between a purchase and its return. */
const returnAfter = { fromMs: 2 * 60_000, toMs: 7 * dayMs } as const

interface Bill {
  readonly orderText: ByteText
  readonly cents: number
}

/** The attempts to pay for what was taken, and the receipt once one succeeds; otherwise all is put back. */
export function settle(
  visit: Visit,
  { lines, fromMs }: { readonly lines: readonly Line[]; readonly fromMs: number },
): void {
  if (lines.length === 0) return
  const { scene, lateMs } = visit
  const cents = lines.reduce((sum, { quantity, price }) => sum + quantity * price.cents, 0)
  const bill = { orderText: `"orderId":"${scene.ulid(fromMs - lateMs)}"`, cents }
  const paid = attempts(visit, bill, fromMs)
  if (paid === undefined) return release(visit, lines)
  const linesText = lines.reduce((text, line) => (text === '' ? '' : `${text},`) + lineText(scene, line), '')
  receipt(visit, bill, { ...paid, linesText })
  for (const line of lines) if (planReturn(visit, line, paid)) break
}

/** Leaves what was in a basket to others. */
export function release({ scene, store }: Visit, lines: readonly Line[]): void {
  for (const line of lines) putBack(scene, store, line)
}

interface Paid {
  readonly method: string
  readonly atMs: number
}

function attempts(visit: Visit, bill: Bill, fromMs: number): Paid | undefined {
  const { channel, customer, scene } = visit
  const { random } = scene
  const pickMethod = methods[customer.kind === 'business' ? 'business' : channel]
  let [method, atMs] = [pickMethod(random), fromMs]
  for (let attempt = 1; fails(random, method, attempt); attempt++) {
    const reason = random() < failures.withoutReason ? '' : `,"failureReason":"${reasons(random)}"`
    tellPayment(visit, atMs, { ...bill, method, outcome: `"failed"${reason}` })
    if (attempt === failures.maxAttempts || random() < failures.giveUp[channel]) return undefined
    atMs += whole(random, 3_000, 20_000)
    if (random() < failures.anotherMethod) method = pickMethod(random)
  }
  return { method, atMs }
}

function fails(random: Random, method: string, attempt: number): boolean {
  const chance = attempt === 1 ? failures.first : failures.again
  return (method === 'card' || method === 'wallet') && random() < chance
}

function receipt(visit: Visit, bill: Bill, { method, atMs, linesText }: Paid & { readonly linesText: ByteText }): void {
  const { random, moneyText } = visit.scene
  const fields = `${moneyText}${bill.orderText},"lines":[${linesText}],"paymentMethod":"${method}"`
  tell(visit, atMs, { type: 'sale', fields })
  tellPayment(visit, atMs + whole(random, 500, 4_000), { ...bill, method, outcome: '"succeeded"' })
}

function tellPayment(
  visit: Visit,
  atMs: number,
  { orderText, cents, method, outcome }: Bill & { readonly method: string; readonly outcome: string },
): void {
  const amount = `${orderText},"amount":${amountText(cents)},"method":"${method}","status":${outcome}`
  tell(visit, atMs, { type: 'payment', fields: visit.scene.moneyText + amount })
}

function lineText({ world }: Scene, { product, quantity, price }: Line): ByteText {
  return (world.products[product]?.lineText ?? '') + quantity + price.text
}

/** Lets the customer bring a line back some day; true when it will be. */
function planReturn({ scene, store, who, customer }: Visit, line: Line, { method, atMs }: Paid): boolean {
  const { random, world } = scene
  const category = categories[world.products[line.product]?.category ?? -1]
  if (random() >= (category?.returned ?? 0)) return false
  const backMs = atMs + logUniform(random, returnAfter.fromMs, returnAfter.toMs)
  const quantity = whole(random, 1, line.quantity)
  scene.plan(backMs, { kind: 'return', store, visit: { who, customer }, line: { ...line, quantity }, method })
  return true
}

/** A line comes back: a receipt with a negative quantity at the price paid, and the money returned the same way. */
export function takeBack(scene: Scene, { store, visit, line, method }: ReturnErrand, atMs: number): void {
  const guest: Visit = { scene, store, ...visit, session: '', channel: store.channel, startMs: atMs, lateMs: 0 }
  const bill = { orderText: `"orderId":"${scene.ulid(atMs)}"`, cents: -line.quantity * line.price.cents }
  receipt(guest, bill, { method, atMs, linesText: lineText(scene, { ...line, quantity: -line.quantity }) })
}

function picker(weights: Readonly<Record<string, number>>): (random: Random) => string {
  const names = Object.keys(weights)
  const pick = weighted(Object.values(weights))
  return (random) => names[pick(random)] ?? ''
}
