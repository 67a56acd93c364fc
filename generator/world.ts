// Tested in test/generator/trouble.test.ts.
import { createProducts, type Product } from './assortment'
import { type ByteText, quoted } from './event-text'
import { cities, countries, habits, type Preset, presets, webShare } from './places'
import { createRandom, oneOf } from './random'

/** A shop, or the web shop of a country with its app. */
export interface Store {
  readonly index: number
  readonly storeId: string
  readonly channel: 'store' | 'web'
  readonly country: string
  readonly zone: string
  /** Opening hours by day of the week, Sunday first; absent where it is closed all day. A web shop never closes. */
  readonly hours: readonly (readonly [number, number] | undefined)[] | 'always'
  /** Visits, relative. */
  readonly size: number
  /** Where it is, as fields of an event, for each channel it sells by. */
  readonly texts: Readonly<Record<'own' | 'app', ByteText>>
}

/** The shops, their assortment and how many come: everything that stays while events happen. */
export interface World {
  readonly seed: number
  readonly stores: readonly Store[]
  readonly products: readonly Product[]
  readonly customers: number
}

export interface WorldOptions {
  readonly seed: number
  readonly world?: Preset
  /** Another number than the preset's. */
  readonly stores?: number | undefined
  readonly products?: number | undefined
}

/** Most shops for which one is a web shop, where the preset would have more. */
const shopsPerWebShop = 6

/** The world of a seed; the same for the same options, whatever happens in it. */
export function createWorld({ seed, world = 'small', ...others }: WorldOptions): World {
  const preset = presets[world]
  const count = others.stores ?? preset.stores
  const webShops = Math.min(preset.webShops, Math.floor(count / shopsPerWebShop))
  return {
    seed,
    stores: createStores(seed, { count, webShops, countryNames: preset.countries }),
    products: createProducts(seed, others.products ?? preset.products),
    customers: preset.customers,
  }
}

interface Stores {
  readonly count: number
  readonly webShops: number
  readonly countryNames: readonly string[]
}

function createStores(seed: number, { count, webShops, countryNames }: Stores): readonly Store[] {
  const random = createRandom(`stores ${seed}`)
  const places = cities.filter(([, , country]) => countryNames.includes(country))
  const every = webShops === 0 ? Infinity : Math.floor(count / webShops)
  const isWeb = (index: number): boolean => index % every === every - 1 && index < every * webShops
  const drafts = Array.from({ length: count }, (_, index) => {
    const place = places[index % places.length] ?? cities[0]
    return { index, place, web: isWeb(index), size: place[4] * (0.6 + 0.8 * random()), habit: oneOf(random, habits) }
  })
  const inShops = drafts.reduce((sum, { web, size }) => sum + (web ? 0 : size), 0)
  const webSize = (inShops * webShare) / (1 - webShare) / webShops
  return drafts.map(({ size, ...draft }) => createStore({ ...draft, size: draft.web ? webSize : size }))
}

interface Draft {
  readonly index: number
  readonly place: (typeof cities)[number]
  readonly web: boolean
  readonly size: number
  readonly habit: (typeof habits)[number]
}

function createStore({ index, place: [city, region, country, zone], web, size, habit }: Draft): Store {
  const channel = web ? 'web' : 'store'
  const storeId = `${channel}-${String(index + 1).padStart(4, '0')}`
  const where = `"storeId":${quoted(storeId)},"region":${quoted(region)},"city":${quoted(city)},"country":${quoted(country)}`
  const texts = { own: `${where},"channel":"${channel}",`, app: `${where},"channel":"app",` }
  return { index, storeId, channel, country, zone, hours: web ? 'always' : hoursOf(country, habit), size, texts }
}

function hoursOf(country: string, [later, earlier]: Draft['habit']): Store['hours'] {
  const usual = countries[country]
  if (usual === undefined) throw new Error(`world: expected opening hours for ${country}, got none; add them`)
  const { weekday, saturday, sunday } = usual
  return [sunday, weekday, weekday, weekday, weekday, weekday, saturday].map((hours) =>
    hours === undefined ? undefined : [hours[0] + later, hours[1] + earlier],
  )
}
