// Tested in test/tools/doctor/judge.test.ts.

/** What a rules' identity says, and the setting it comes from. */
const namedBy: Readonly<Record<string, string>> = {
  lateness: 'LATENESS_SECONDS',
  idle: 'IDLE_AFTER_SECONDS',
  stockout: 'STOCKOUT_AFTER_MINUTES',
  'minor-digits': 'CURRENCY',
  'product-kinds': 'PRODUCT_KINDS',
}

/** In which words two identities of rules differ, in the terms of the settings; undefined when they do not. */
export function differenceOf(found: string, wanted: string): string | undefined {
  if (found === wanted) return undefined
  if (found === '') return 'does not say by which rules it was folded'
  const [was, is] = [found.split(' '), wanted.split(' ')]
  const before = was.filter((word) => !is.includes(word)).map(readable)
  const now = is.filter((word) => !was.includes(word)).map(readable)
  return `folded by ${before.join(', ') || 'fewer rules'}, these are ${now.join(', ') || 'fewer'}`
}

/** Whether a difference is one of settings, which can be set back. */
export function isOfSettings(difference: string): boolean {
  return Object.values(namedBy).some((name) => difference.includes(name))
}

/** `lateness=600000` in the words of the settings; a table's columns are the code's. */
function readable(word: string): string {
  const [name = ''] = word.split('=', 1)
  const value = word.slice(name.length + 1)
  const setting = namedBy[name]
  if (setting === undefined) return `${word.split('(')[0]} as another version has it`
  if (setting === 'CURRENCY') return `a CURRENCY of ${value} decimals`
  if (setting === 'PRODUCT_KINDS') return `PRODUCT_KINDS=${decodeURIComponent(value)}`
  return `${setting}=${Number(value) / (setting.endsWith('MINUTES') ? 60_000 : 1000)}`
}
