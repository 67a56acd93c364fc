// Tested in test/tools/replay/guess.test.ts.
import { numberReader } from '../../generator/csv/number'

const readers = [
  numberReader({ decimal: '.', grouping: ',', signs: ['kr', 'zł'] }, 'CHF'),
  numberReader({ decimal: ',', grouping: '.', signs: ['kr', 'zł'] }, 'CHF'),
]

/** Whether a text is an amount or a quantity, with a point or a comma for its decimals. */
export function isNumber(text: string): boolean {
  const bare = text.replace(/^[A-Z]{3}\s*|\s*[A-Z]{3}$/, '')
  return readers.some((read) => read(bare) !== undefined)
}

/** Currencies by their sign; that of a dollar or a yen may be another country's, and this is the best guess. */
const currencySigns: Readonly<Record<string, string>> = {
  '€': 'EUR',
  '£': 'GBP',
  $: 'USD',
  '¥': 'JPY',
  '₹': 'INR',
  '₩': 'KRW',
  '₺': 'TRY',
  zł: 'PLN',
}

/** The currency these amounts are written in, by their sign or code; undefined where they have none, or several. */
export function currencyOf(texts: readonly string[]): string | undefined {
  const found = new Set<string>()
  for (const text of texts) {
    const code = /(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])/.exec(text)?.[1]
    const sign = Object.keys(currencySigns).find((each) => text.includes(each))
    const currency = code ?? (sign === undefined ? undefined : currencySigns[sign])
    if (currency !== undefined) found.add(currency)
  }
  return found.size === 1 ? [...found][0] : undefined
}
