import { createRandom, oneOf, type Random, weighted } from './random'

/** A shop, or the web shop of a country. */
export interface Store {
  readonly storeId: string
  readonly city: string
  readonly region: string
  readonly country: string
  readonly channel: 'store' | 'web'
}

export interface Product {
  readonly productId: string
  readonly category: string
  readonly brand: string
  /** Currency units, two decimals. */
  readonly unitPrice: number
}

/** The shops, their assortment and who comes by: everything that stays while events happen. */
export interface World {
  readonly stores: readonly Store[]
  readonly products: readonly Product[]
  /** Index of a store, busy ones more often. */
  readonly pickStore: (random: Random) => number
  /** Index of a product, popular ones more often: popularity falls with rank as in Zipf's law. */
  readonly pickProduct: (random: Random) => number
}

export interface WorldOptions {
  readonly seed: number
  readonly stores?: number
  readonly products?: number
}

const cities = [
  ['London', 'South East'],
  ['Manchester', 'North West'],
  ['Birmingham', 'Midlands'],
  ['Leeds', 'Yorkshire'],
  ['Glasgow', 'Scotland'],
  ['Bristol', 'South West'],
  ['Liverpool', 'North West'],
  ['Edinburgh', 'Scotland'],
  ['Cardiff', 'Wales'],
  ['Newcastle', 'North East'],
  ['Brighton', 'South East'],
  ['Sheffield', 'Yorkshire'],
] as const

const categories = [
  ['dairy', 0.6, 5],
  ['bakery', 0.5, 6],
  ['produce', 0.4, 8],
  ['drinks', 0.7, 15],
  ['pantry', 0.8, 9],
  ['household', 1, 20],
  ['toys', 3, 60],
  ['garden', 4, 120],
  ['electronics', 9, 400],
] as const

const brands = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm', 'Fir', 'Gorse', 'Hazel'] as const

/** One store in six is a web shop. */
const webEvery = 6

/** The world of a seed; the same for the same options, whatever happens in it. */
export function createWorld({ seed, stores = 12, products = 300 }: WorldOptions): World {
  const random = createRandom(`world ${seed}`)
  return {
    stores: Array.from({ length: stores }, (_, i) => createStore(i)),
    products: Array.from({ length: products }, (_, i) => createProduct(random, i)),
    pickStore: weighted(Array.from({ length: stores }, () => 0.5 + random())),
    // Flatter than Zipf at the top: the first of 300 products is in about one basket of eight.
    pickProduct: weighted(Array.from({ length: products }, (_, i) => 1 / (i + 3) ** 0.8)),
  }
}

function createStore(index: number): Store {
  const [city, region] = cities[index % cities.length] ?? cities[0]
  const channel = index % webEvery === webEvery - 1 ? 'web' : 'store'
  const number = String(index + 1).padStart(4, '0')
  return { storeId: `${channel}-${number}`, city, region, country: 'United Kingdom', channel }
}

function createProduct(random: Random, index: number): Product {
  const [category, lowest, highest] = oneOf(random, categories)
  const price = lowest * (highest / lowest) ** random()
  return {
    productId: `product-${String(index + 1).padStart(4, '0')}`,
    category,
    brand: oneOf(random, brands),
    // Seven prices in ten end in 9. Whole cents before the division, or binary fractions would add decimals.
    unitPrice: (random() < 0.7 ? Math.floor(price * 10) * 10 + 9 : Math.round(price * 100)) / 100,
  }
}
