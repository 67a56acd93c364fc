// Tested in test/generator/week.test.ts.
/** Opening hours by the clock on the wall, whole hours, [opens, closes); absent where the day is a day of rest. */
interface OpeningHours {
  readonly weekday: readonly [number, number]
  readonly saturday?: readonly [number, number]
  readonly sunday?: readonly [number, number]
}

/** Usual hours of large shops: Sunday trading is short in Great Britain and none in Germany and Austria. */
export const countries: Readonly<Record<string, OpeningHours>> = {
  'United Kingdom': { weekday: [7, 22], saturday: [7, 22], sunday: [10, 16] },
  Ireland: { weekday: [8, 22], saturday: [8, 21], sunday: [9, 20] },
  Germany: { weekday: [7, 22], saturday: [7, 22] },
  Austria: { weekday: [7, 20], saturday: [7, 18] },
  France: { weekday: [8, 21], saturday: [8, 21], sunday: [9, 13] },
  Spain: { weekday: [9, 22], saturday: [9, 22], sunday: [10, 15] },
  'United States': { weekday: [7, 23], saturday: [7, 23], sunday: [8, 21] },
}

/** City, region as reports group it, country, IANA zone, and how busy a shop there is. */
export const cities = [
  ['London', 'South East', 'United Kingdom', 'Europe/London', 1.8],
  ['Manchester', 'North West', 'United Kingdom', 'Europe/London', 1.3],
  ['Birmingham', 'Midlands', 'United Kingdom', 'Europe/London', 1.2],
  ['Leeds', 'Yorkshire', 'United Kingdom', 'Europe/London', 1],
  ['Glasgow', 'Scotland', 'United Kingdom', 'Europe/London', 1.1],
  ['Bristol', 'South West', 'United Kingdom', 'Europe/London', 0.9],
  ['Liverpool', 'North West', 'United Kingdom', 'Europe/London', 1],
  ['Edinburgh', 'Scotland', 'United Kingdom', 'Europe/London', 0.9],
  ['Cardiff', 'Wales', 'United Kingdom', 'Europe/London', 0.8],
  ['Newcastle', 'North East', 'United Kingdom', 'Europe/London', 0.8],
  ['Brighton', 'South East', 'United Kingdom', 'Europe/London', 0.7],
  ['Sheffield', 'Yorkshire', 'United Kingdom', 'Europe/London', 0.8],
  ['Dublin', 'Leinster', 'Ireland', 'Europe/Dublin', 1.3],
  ['Cork', 'Munster', 'Ireland', 'Europe/Dublin', 0.8],
  ['Berlin', 'Berlin', 'Germany', 'Europe/Berlin', 1.5],
  ['Hamburg', 'Hamburg', 'Germany', 'Europe/Berlin', 1.2],
  ['München', 'Bayern', 'Germany', 'Europe/Berlin', 1.3],
  ['Köln', 'Nordrhein-Westfalen', 'Germany', 'Europe/Berlin', 1.1],
  ['Düsseldorf', 'Nordrhein-Westfalen', 'Germany', 'Europe/Berlin', 0.9],
  ['Wien', 'Wien', 'Austria', 'Europe/Vienna', 1.2],
  ['Paris', 'Île-de-France', 'France', 'Europe/Paris', 1.7],
  ['Lyon', 'Auvergne-Rhône-Alpes', 'France', 'Europe/Paris', 1],
  ['Marseille', "Provence-Alpes-Côte d'Azur", 'France', 'Europe/Paris', 0.9],
  ['Madrid', 'Comunidad de Madrid', 'Spain', 'Europe/Madrid', 1.5],
  ['Málaga', 'Andalucía', 'Spain', 'Europe/Madrid', 0.8],
  ['New York', 'Northeast', 'United States', 'America/New_York', 1.9],
  ['Boston', 'Northeast', 'United States', 'America/New_York', 1],
  ['Chicago', 'Midwest', 'United States', 'America/Chicago', 1.3],
  ['Houston', 'South', 'United States', 'America/Chicago', 1.1],
  ['Phoenix', 'West', 'United States', 'America/Phoenix', 0.9],
  ['Los Angeles', 'West', 'United States', 'America/Los_Angeles', 1.6],
] as const

/** A shop keeps the hours of its country, or opens later, or closes earlier. */
export const habits = [
  [0, 0],
  [0, 0],
  [1, -1],
  [2, -2],
] as const

export type Presets = typeof presets
export type Preset = keyof Presets

/** Worlds to choose from. `webShare` of all visits are to a web shop or its app. */
export const presets = {
  small: { stores: 12, products: 300, webShops: 2, customers: 20_000, countries: ['United Kingdom'] },
  city: { stores: 60, products: 2_000, webShops: 3, customers: 100_000, countries: ['United Kingdom', 'Ireland'] },
  chain: { stores: 600, products: 12_000, webShops: 8, customers: 1_000_000, countries: Object.keys(countries) },
} as const

export const webShare = 0.25
