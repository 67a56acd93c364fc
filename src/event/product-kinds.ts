/* Tested in test/event/event.test.ts. */

import { type LineKind, lineKinds } from './schema'

/** What the lines of some products are when they do not say it themselves. */
export type ProductKinds = ReadonlyMap<string, LineKind>

/**
 * The kinds of products that setting `PRODUCT_KINDS` names: `GIFTCARD=gift_card,ORDER-DISCOUNT=discount`; an empty text names
 * none. Throws, naming the part, when one is not `product=kind`, has a kind there is not, or names a product twice.
 * @example
 * parseProductKinds('GIFTCARD=gift_card').get('GIFTCARD') // 'gift_card'
 */
export function parseProductKinds(text: string): ProductKinds {
  const kinds = new Map<string, LineKind>()
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue
    const at = part.lastIndexOf('=')
    const product = part.slice(0, Math.max(at, 0)).trim()
    const kind = lineKinds.find((known) => known === part.slice(at + 1).trim())
    if (product === '' || kind === undefined) {
      throw new Error(`PRODUCT_KINDS: expected product=kind with a kind of ${lineKinds.join(', ')}; got "${part}"`)
    }
    if (kinds.has(product)) throw new Error(`PRODUCT_KINDS: expected each product once, got "${product}" twice`)
    kinds.set(product, kind)
  }
  return kinds
}
