import { type NumberShape } from './map'

/** Spaces between groups of digits: plain, no-break, figure, thin, narrow no-break. */
const spaces = ' \u00a0\u2007\u2009\u202f'
const apostrophes = "'\u2019"

/**
 * A reader of numbers as shops write them: `1,299.00`, `1.234,50`, `1 299.00` with any kind of space, `€12.50`, `12,50 kr`,
 * `-$12.00`, `(12.00)`, `12.00-`. Undefined for what is no number in this shape, such as `12,50` where the comma
 * groups: groups have three digits (two, and three last, as in India).
 * @example
 * numberReader({ decimal: ',', grouping: '.', signs: ['kr'] }, 'SEK')('1.234,50 kr') // 1234.5
 */
export function numberReader(
  { decimal, grouping, signs }: NumberShape,
  currency: string,
): (text: string) => number | undefined {
  const words = [currency, ...signs].map(escaped).join('|')
  // A currency's sign may have letters before it: R$, US$, NT$.
  const sign = new RegExp(`^(?:[A-Za-z]{0,3}\\p{Sc}|(?:${words})\\.?)|(?:\\p{Sc}|(?:${words})\\.?)$`, 'giu')
  const group = grouping === '' ? '' : groupClass(grouping)
  const whole =
    group === '' ? '\\d+' : `\\d+|\\d{1,3}(${group})\\d{3}(?:\\1\\d{3})*|\\d{1,2}(${group})(?:\\d{2}\\2)+\\d{3}`
  const shape = new RegExp(`^(?:${whole})?(?:${escaped(decimal)}\\d*)?$`)
  const other = new RegExp(`[^\\d${escaped(decimal)}]`, 'g')
  return (text) => {
    let rest = text.trim()
    let isNegative = false
    const bracketed = /^\((.*)\)$/.exec(rest)
    if (bracketed) {
      isNegative = true
      rest = (bracketed[1] ?? '').trim()
    }
    // A minus stands before the sign, between it and the amount, or behind.
    for (let last = ''; last !== rest;) {
      last = rest
      const minus = /^[-\u2212]|[-\u2212]$/.exec(rest)
      if (minus) {
        if (isNegative) return undefined
        isNegative = true
        rest = rest.replace(minus[0], '').trim()
      }
      rest = rest.replace(sign, '').trim()
    }
    rest = rest.replace(/^\+/, '')
    if (!/\d/.test(rest) || !shape.test(rest)) return undefined
    const value = withoutNoise(Number(rest.replace(other, '').replace(decimal, '.')))
    return isNegative ? 0 - value : value
  }
}

/** 0.30000000000000004 as programs write 0.3: what is beyond nine decimals says nothing of money or weight. */
function withoutNoise(value: number): number {
  return value < 1e6 ? Number(value.toFixed(9)) : value
}

function groupClass(grouping: string): string {
  return `[${escaped(grouping)}${spaces}${apostrophes}]`
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

/**
 * The marks of the numbers in a sample: the decimal one is that which stands last where both do, or once with other than
 * three digits behind it. Undefined where no text tells, or some tell one and some the other.
 */
export function numberMarks(texts: Iterable<string>): Pick<NumberShape, 'decimal' | 'grouping'> | undefined {
  const found = new Set<'.' | ','>()
  for (const text of texts) {
    const digits = /\d[\d.,'\u2019 \u00a0\u2007\u2009\u202f]*/.exec(text)?.[0]
    const marks = digits?.match(/[.,]/g)
    if (digits === undefined || !marks) continue
    const last = marks[marks.length - 1] as '.' | ','
    const other = last === '.' ? ',' : '.'
    const times = marks.filter((mark) => mark === last).length
    const behind = digits.trimEnd().length - digits.lastIndexOf(last) - 1
    if (times > 1) found.add(other)
    else if (marks.length > 1 || behind !== 3) found.add(last)
  }
  if (found.size !== 1) return undefined
  const [decimal = '.'] = found
  return { decimal, grouping: decimal === '.' ? ',' : '.' }
}
