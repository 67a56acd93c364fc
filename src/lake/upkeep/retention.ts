// Retention periods, by the table's properties: how long removed files and old versions are kept.
// Tested in test/lake/upkeep/vacuum.test.ts, clean-log.test.ts and checkpoint.test.ts.

import { dayMs } from '../../day'
import { type Metadata } from '../log/action'

const secondMs = 1000
const unitMs: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: secondMs,
  minute: 60 * secondMs,
  hour: 3600 * secondMs,
  day: dayMs,
  week: 7 * dayMs,
}

/** A writer at work now has files no entry names yet, and a log position it has just read; neither is an hour old. */
const shortestMs = 3600 * secondMs

/**
 * How long a file stays after it was taken out of the table, in milliseconds: for readers of older versions, and for
 * writers whose commit is still to come. By the property `delta.deletedFileRetentionDuration`, 7 days without it,
 * never less than an hour. Throws when the property is no interval.
 */
export function fileRetentionMs(metadata: Metadata): number {
  return retentionMs(metadata, 'delta.deletedFileRetentionDuration', 7 * dayMs)
}

/**
 * How far back the table can be read at older versions, in milliseconds: by the property `delta.logRetentionDuration`,
 * 30 days without it, never less than an hour. Throws when the property is no interval.
 */
export function logRetentionMs(metadata: Metadata): number {
  return retentionMs(metadata, 'delta.logRetentionDuration', 30 * dayMs)
}

function retentionMs({ configuration }: Metadata, property: string, fallbackMs: number): number {
  const text = configuration[property]
  if (text === undefined) return fallbackMs
  const ms = intervalMs(text)
  if (ms !== undefined) return Math.max(ms, shortestMs)
  throw new Error(`delta table property ${property}: expected an interval such as "interval 7 days", got "${text}"`)
}

/** An interval as Spark spells it, `interval 1 week 2 days`; months have no length and are none. */
function intervalMs(text: string): number | undefined {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, '')
    .split(/\s+/)
  let ms = 0
  for (let i = 0; i < words.length; i += 2) {
    const [count, unit] = [Number(words[i]), unitMs[(words[i + 1] ?? '').replace(/s$/, '')]]
    if (!Number.isFinite(count) || unit === undefined) return undefined
    ms += count * unit
  }
  return ms
}
