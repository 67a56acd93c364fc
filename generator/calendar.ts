// Tested in test/generator/week.test.ts.
import { zoneOffset } from './csv/local-time'
import { type Random, weighted } from './random'
import { type Store, type World } from './world'

/** Whether the time of day, week and year matters: `flat` is a load that can be measured, `calendar` is life. */
export type Pattern = 'flat' | 'calendar'

/** The visits of one hour of event time, or of all time where the pattern is flat. */
export interface Hour {
  readonly endMs: number
  /** Visits to all stores, relative: 1 per unit of `size` in an average hour. */
  readonly total: number
  /** Index of a store, busy ones more often. Only where `total` is above 0. */
  readonly pickStore: (random: Random) => number
}

export interface Calendar {
  readonly hourAt: (timeMs: number) => Hour
  readonly isOpen: (store: Store, timeMs: number) => boolean
  /** Average over the week of a store's part of `total`. */
  readonly meanOf: (store: Store) => number
}

const hourMs = 3_600_000

/** Visits by local hour, relative. */
const hoursOfDay = {
  store: [0, 0, 0, 0, 0, 1, 3, 12, 20, 28, 36, 40, 46, 42, 34, 34, 40, 52, 50, 34, 22, 14, 8, 3],
  web: [8, 5, 3, 2, 2, 4, 9, 16, 20, 22, 24, 26, 30, 28, 25, 25, 27, 30, 36, 44, 52, 50, 36, 18],
} as const

/** Visits by day of the week, Sunday first. */
const daysOfWeek = {
  store: [1.0, 0.85, 0.85, 0.9, 1.0, 1.25, 1.45],
  web: [1.25, 1.1, 1.0, 0.95, 0.9, 0.85, 0.95],
} as const

/** Visits by month, January first: a slow start of the year, a rush at its end. */
const monthsOfYear = [0.9, 0.88, 0.95, 0.98, 1, 1, 0.98, 0.95, 0.98, 1.02, 1.12, 1.35] as const

/** The calendar of a world. */
export function createCalendar(world: World, pattern: Pattern): Calendar {
  return pattern === 'flat' ? alwaysOpen(world) : bySeason(world)
}

function alwaysOpen({ stores }: World): Calendar {
  const sizes = stores.map(({ size }) => size)
  const hour = { endMs: Infinity, total: sizes.reduce((sum, size) => sum + size, 0), pickStore: weighted(sizes) }
  return { hourAt: () => hour, isOpen: () => true, meanOf: ({ size }) => size }
}

function bySeason({ stores }: World): Calendar {
  const local = localClock()
  const activity = (store: Store, timeMs: number): number => {
    const { day, hour, month } = local(store.zone, timeMs)
    return store.size * visitsAt(store, day, hour) * (monthsOfYear[month] ?? 1)
  }
  return {
    hourAt: (timeMs) => {
      const startMs = Math.floor(timeMs / hourMs) * hourMs
      const weights = stores.map((store) => activity(store, startMs))
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      return { endMs: startMs + hourMs, total, pickStore: total > 0 ? weighted(weights) : () => 0 }
    },
    isOpen: (store, timeMs) => {
      const { day, hour } = local(store.zone, timeMs)
      return visitsAt(store, day, hour) > 0
    },
    meanOf: (store) => {
      let sum = 0
      for (let day = 0; day < 7; day++) for (let hour = 0; hour < 24; hour++) sum += visitsAt(store, day, hour)
      return (store.size * sum) / (7 * 24)
    },
  }
}

const means = { store: meanOf(hoursOfDay.store), web: meanOf(hoursOfDay.web) } as const

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Visits in an hour of a local day relative to an average one; 0 when the store is closed. */
function visitsAt({ channel, hours }: Store, day: number, hour: number): number {
  const open = hours === 'always' ? ([0, 24] as const) : hours[day]
  if (open === undefined || hour < open[0] || hour >= open[1]) return 0
  return ((hoursOfDay[channel][hour] ?? 0) / means[channel]) * (daysOfWeek[channel][day] ?? 1)
}

interface LocalHour {
  readonly day: number
  readonly hour: number
  readonly month: number
}

/** Reads the local day and hour in a zone; a zone costs microseconds to ask, so its answer is kept for the hour. */
function localClock(): (zone: string, timeMs: number) => LocalHour {
  const zones = new Map<string, (utcMs: number) => number>()
  const known = new Map<string, LocalHour>()
  return (zone, timeMs) => {
    const slot = Math.floor(timeMs / hourMs)
    const key = `${zone} ${slot}`
    const before = known.get(key)
    if (before !== undefined) return before
    const offsetMs = zones.get(zone) ?? zoneOffset(zone)
    zones.set(zone, offsetMs)
    const at = new Date(slot * hourMs + offsetMs(slot * hourMs))
    const hour = { day: at.getUTCDay(), hour: at.getUTCHours(), month: at.getUTCMonth() }
    // Older hours are asked for by late events only.
    if (known.size > 2_000) known.clear()
    known.set(key, hour)
    return hour
  }
}
