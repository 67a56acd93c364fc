// Tested in test/generator/week.test.ts.
import { buy } from './basket'
import { type Line } from './line'
import { oneOf, whole } from './random'
import { pickProduct } from './taste'
import { release, settle } from './till'
import { tell, type Visit } from './visit'

/** Of a hundred sessions about thirty fill a cart, seventeen come to the checkout, and fourteen order. */
const funnel = { anotherView: 0.72, maxViews: 15, addFirst: 0.1, addMore: 0.35, checkout: 0.55, order: 0.78 } as const
/** A business knows what it came for. */
const businessFunnel = { ...funnel, addFirst: 0.3, addMore: 0.6, checkout: 0.75, order: 0.9 } as const

const devices = {
  web: ['desktop', 'desktop', 'phone', 'phone', 'tablet'],
  app: ['phone', 'phone', 'phone', 'phone', 'tablet'],
} as const

/** A session in the web shop or the app: products looked at, some put into the cart, a checkout, an order. */
export function browse(visit: Visit): void {
  const { scene, customer } = visit
  const { random } = scene
  const chances = customer.kind === 'business' ? businessFunnel : funnel
  const act = openBrowser(visit)
  const cart = fillCart(visit, { chances, act })
  const [leading] = cart
  const fromMs = leading !== undefined && random() < chances.checkout ? act('checkout', leading.product) : undefined
  if (fromMs !== undefined && random() < chances.order) settle(visit, { lines: cart, fromMs })
  else release(visit, cart)
}

/** Tells of one step after the other, each some seconds of thought later; gives back when the next one comes. */
type Act = (action: 'view' | 'add_to_cart' | 'checkout', product: number) => number

function openBrowser(visit: Visit): Act {
  const { scene, startMs, channel } = visit
  const device = `,"device":"${oneOf(scene.random, devices[channel === 'app' ? 'app' : 'web'])}"`
  let atMs = startMs
  return (action, product) => {
    const named = scene.world.products[product]?.namedText ?? ''
    tell(visit, atMs, { type: 'activity', fields: `"action":"${action}",${named}${device}` })
    return (atMs += whole(scene.random, 1_000, 8_000))
  }
}

function fillCart(visit: Visit, { chances, act }: { readonly chances: Chances; readonly act: Act }): readonly Line[] {
  const { scene, store } = visit
  const { random } = scene
  const cart: Line[] = []
  for (let views = 1; ; views++) {
    const product = pickProduct(scene, store)
    const atMs = act('view', product)
    const adds = random() < (cart.length === 0 ? chances.addFirst : chances.addMore)
    const line = adds && !cart.some((each) => each.product === product) ? buy(visit, product, atMs) : undefined
    if (line !== undefined) {
      act('add_to_cart', product)
      cart.push(line)
    }
    if (views === chances.maxViews || random() >= chances.anotherView) return cart
  }
}

type Chances = { readonly [K in keyof typeof funnel]: number }
