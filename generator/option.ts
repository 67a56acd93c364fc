// Tested by hand: npm run generate.
import { InvalidArgumentError, Option } from 'commander'
import { dayMs } from '../src/day'
import { presets } from './places'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: dayMs } as const

/** Milliseconds of a duration such as `500ms`, `60s`, `5m`, `2h`, `1d`; a bare number is seconds. */
export function duration(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('expected a duration such as 90s, 5m or 2h')
  return Number(number) * unitMs[unit as keyof typeof unitMs]
}

/** A number within bounds, both included. */
export function number({ from, to = Infinity }: { readonly from: number; readonly to?: number }) {
  return (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text)
    if (value >= from && value <= to) return value
    throw new InvalidArgumentError(to === Infinity ? `expected ${from} or more` : `expected ${from} to ${to}`)
  }
}

/** A whole number within bounds, both included. */
export function wholeNumber(bounds: { readonly from: number; readonly to?: number }) {
  return (text: string): number => {
    const value = number(bounds)(text)
    if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('expected a whole number')
    return value
  }
}

/** The first of the ports of a stack, which takes a few from there on; the hub is at the first. */
export const portBase = wholeNumber({ from: 1024, to: 65_500 })

/** Epoch milliseconds of an ISO 8601 time or date; without a zone it is UTC. */
export function instant(text: string): number {
  const ms = Date.parse(/[zZ]|[+-]\d{2}:?\d{2}$|^\d{4}-\d{2}-\d{2}$/.test(text) ? text : `${text}Z`)
  if (Number.isNaN(ms)) throw new InvalidArgumentError('expected an ISO 8601 time such as 2026-03-01T08:00:00Z')
  return ms
}

/** The flag that chooses one of the preset worlds; without a default. */
export function worldOption(): Option {
  return new Option('--world <world>', 'how many stores, products and customers').choices(Object.keys(presets))
}
