// Tested in test/event/money.test.ts.
/**
 * Decimal places of the currencies that have not two, by ISO 4217 list one as published at the start of 2026. Not `Intl`'s: it
 * says how amounts are usually shown, and 17 codes (IQD, HUF, COP, …) are shown without the places they are kept in.
 */
const places: Readonly<Record<0 | 3 | 4, readonly string[]>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '),
  3: 'BHD IQD JOD KWD LYD OMR TND'.split(' '),
  4: 'CLF UYW'.split(' '),
}

/** How many decimal places the amounts of a currency have. */
export type MinorDigits = 0 | 2 | 3 | 4

const digitsOf = new Map<string, MinorDigits>([
  ...places[0].map((code) => [code, 0] as const),
  ...places[3].map((code) => [code, 3] as const),
  ...places[4].map((code) => [code, 4] as const),
])

/** The decimal places of the minor unit of an ISO 4217 currency: 2 for GBP, 0 for JPY, 3 for KWD, 4 for CLF. */
export function minorDigits(currency: string): MinorDigits {
  return digitsOf.get(currency) ?? 2
}
