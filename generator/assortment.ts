// Tested in test/generator/week.test.ts.
import { createRandom, oneOf, type Random, weighted } from './random'
import { quoted } from './event-text'

/** Something on sale, with the parts of its events that never change written out. */
export interface Product {
  readonly productId: string
  readonly category: number
  readonly priceCents: number
  /** Share of all pieces sold, in an average week; the shares of all products add up to 1. */
  readonly share: number
  /** A sale's line up to the quantity. */
  readonly lineText: string
  /** Product and category as fields of another event. */
  readonly namedText: string
}

export interface Category {
  readonly name: string
  readonly cheapest: number
  readonly dearest: number
  /** Pieces sold, relative. */
  readonly sold: number
  /** Part of what is sold that is brought back. */
  readonly returned: number
  /** Demand per month, January first, relative to the year. */
  readonly season: readonly number[]
  readonly brands: readonly string[]
}

const even = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1.1]
const summer = [0.8, 0.8, 0.9, 1, 1.2, 1.4, 1.5, 1.4, 1.1, 0.9, 0.8, 1]
const gifts = [0.6, 0.6, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1, 1.8, 3]
const outdoors = [0.3, 0.4, 1, 1.8, 2.2, 1.8, 1.4, 1.1, 0.8, 0.5, 0.3, 0.3]
const sales = [1.3, 0.8, 0.9, 1, 1, 1, 1.2, 0.8, 1, 1, 1.1, 1.3]

const table: readonly (readonly [string, number, number, number, number, readonly number[], readonly string[]])[] = [
  ['dairy', 0.6, 5, 16, 0.002, even, ['Alder', 'Meadowgate', 'Hillside']],
  ['bakery', 0.5, 6, 14, 0.002, even, ['Crumb & Co', 'Alder', 'Old Mill']],
  ['produce', 0.4, 8, 18, 0.003, even, ['Greenacre', 'Alder', 'Orchard Row']],
  ['drinks', 0.7, 15, 13, 0.003, summer, ['Brook', 'Cedar', 'Northwell', 'Fizz']],
  ['pantry', 0.8, 9, 13, 0.003, even, ['Alder', 'Granary', 'Saffron House']],
  ['household', 1, 20, 8, 0.01, even, ['Birch', 'Dogwood', 'Brightly']],
  ['beauty', 2, 45, 5, 0.015, gifts, ['Elm', 'Iris', 'Lumen']],
  ['toys', 3, 60, 3, 0.04, gifts, ['Fir', 'Tumble', 'Kite']],
  ['garden', 4, 120, 3, 0.02, outdoors, ['Gorse', 'Spade & Son']],
  ['clothing', 6, 90, 4, 0.09, sales, ['Hazel', 'Linden', 'Threadwell']],
  ['sport', 5, 150, 2, 0.05, outdoors, ['Juniper', 'Stride']],
  ['electronics', 9, 400, 2, 0.06, gifts, ['Knot', 'Volta', 'Pixelwood']],
]

export const categories: readonly Category[] = table.map(
  ([name, cheapest, dearest, sold, returned, season, brands]) => ({
    name,
    cheapest,
    dearest,
    sold,
    returned,
    season,
    brands,
  }),
)

/** Within a category popularity falls with rank as in Zipf's law, a little flatter at the top. */
const zipf = { offset: 2, exponent: 0.9 } as const

/** The products of a seed; categories with more sales have more of them. */
export function createProducts(seed: number, count: number): readonly Product[] {
  const random = createRandom(`assortment ${seed}`)
  const pickCategory = weighted(categories.map(({ sold }) => Math.sqrt(sold)))
  const ranks = categories.map(() => 0)
  const drafts = Array.from({ length: count }, (_, index) => {
    // The first ones see to it that even a small assortment has every category.
    const category = index < categories.length ? index : pickCategory(random)
    const rank = ranks[category] ?? 0
    ranks[category] = rank + 1
    return { category, weight: 1 / (rank + zipf.offset) ** zipf.exponent }
  })
  const sums = categories.map((_, i) => drafts.reduce((sum, d) => sum + (d.category === i ? d.weight : 0), 0))
  const sold = categories.reduce((sum, each, i) => sum + ((sums[i] ?? 0) > 0 ? each.sold : 0), 0)
  return drafts.map(({ category, weight }, index) => {
    const share = (weight / (sums[category] ?? 1)) * ((categories[category]?.sold ?? 0) / sold)
    return createProduct(random, { index, category, share })
  })
}

function createProduct(
  random: Random,
  { index, category, share }: { readonly index: number; readonly category: number; readonly share: number },
): Product {
  const { name, cheapest, dearest, brands } = categories[category] ?? oneOf(random, categories)
  const price = cheapest * (dearest / cheapest) ** random()
  const productId = `product-${String(index + 1).padStart(4, '0')}`
  const namedText = `"productId":${quoted(productId)},"category":${quoted(name)}`
  return {
    productId,
    category,
    // Seven prices in ten end in 9.
    priceCents: random() < 0.7 ? Math.floor(price * 10) * 10 + 9 : Math.round(price * 100),
    share,
    lineText: `{${namedText},"brand":${quoted(oneOf(random, brands))},"quantity":`,
    namedText,
  }
}
