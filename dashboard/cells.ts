// Tested in test/dashboard/table.test.ts.
import { type Currency, decimalText, instantText, moneyText, nothing, numberText, percentText } from './format'
import { type Cell } from './table'

/** Text as it is. */
export function text(value: string | null): Cell {
  return { shown: value ?? nothing, value }
}

/** A number with up to so many decimals. */
export function number(value: number | null, decimals = 0): Cell {
  return { shown: numberText(value, decimals), value }
}

/** An amount in minor units: with its currency on the page, an exact decimal in a file. */
export function money(minor: number | null, currency: Currency): Cell {
  return { shown: moneyText(minor, currency), value: minor === null ? null : { decimal: decimalText(minor, currency) } }
}

/** Percent; in a file to two decimals. */
export function percent(value: number | null): Cell {
  return { shown: percentText(value), value: value === null ? null : Math.round(value * 100) / 100 }
}

/** An ISO 8601 instant: on the clocks of the zone on the page, as it came in a file. */
export function instant(iso: string | null, zone: string): Cell {
  return { shown: iso === null ? nothing : instantText(Date.parse(iso), zone), value: iso }
}
