import { buy, type Line } from './basket'
import { oneOf, whole } from './random'
import { pickProduct } from './taste'
import { release, settle } from './till'
import { tell, type Visit } from './visit'

/** Of a hundred sessions about thirty fill a cart, sixteen come to the checkout, and twelve order. */
const funnel = { anotherView: 0.72, maxViews: 15, addFirst: 0.1, addMore: 0.35, checkout: 0.55, order: 0.78 } as const
/** A business knows what it came for. */
const businessFunnel = { ...funnel, addFirst: 0.3, addMore: 0.6, checkout: 0.75, order: 0.9 } as const

const devices = {
  web: ['desktop', 'desktop', 'phone', 'phone', 'tablet'],
  app: ['phone', 'phone', 'phone', 'phone', 'tablet'],
} as const

/** A session in the web shop or the app: products looked at, some put into the cart, a checkout, an order. */
export function browse(guest: Visit): void {
  const { scene, startMs, channel, customer } = guest
  const { random } = scene
  const chances = customer.kind === 'business' ? businessFunnel : funnel
  const session = `"sessionId":"${scene.ulid(startMs)}",`
  const visit: Visit = { ...guest, who: guest.who + session }
  const device = `,"device":"${oneOf(random, devices[channel === 'app' ? 'app' : 'web'])}"`
  let atMs = startMs
  const act = (action: string, product: number): void => {
    const named = scene.world.products[product]?.namedText ?? ''
    tell(visit, atMs, { type: 'activity', fields: `"action":"${action}",${named}${device}` })
    atMs += whole(random, 1_000, 8_000)
  }
  const cart: Line[] = []
  for (let views = 1; ; views++) {
    const product = pickProduct(scene, visit.store)
    act('view', product)
    const adds = random() < (cart.length === 0 ? chances.addFirst : chances.addMore)
    const line = adds && !cart.some((each) => each.product === product) ? buy(visit, product, atMs) : undefined
    if (line !== undefined) {
      act('add_to_cart', product)
      cart.push(line)
    }
    if (views === chances.maxViews || random() >= chances.anotherView) break
  }
  const [leading] = cart
  const goesOn = leading !== undefined && random() < chances.checkout
  if (goesOn) act('checkout', leading.product)
  if (goesOn && random() < chances.order) settle(visit, { lines: cart, fromMs: atMs })
  else release(visit, cart, atMs)
}
