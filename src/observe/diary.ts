import { type Occurrence, occurrences, type OccurrenceName } from './occurrences'

/** The invocation something happened in, as W3C trace context names it. */
export interface Operation {
  /** Trace id: what Application Insights calls the operation. */
  readonly id: string
  /** Span id of the invocation. */
  readonly parentId: string
}

/** A row about one occurrence, or about all of a name that were too many for rows of their own. */
export interface Entry {
  readonly name: OccurrenceName
  readonly timeMs: number
  readonly operation: Operation | undefined
  readonly properties: Readonly<Record<string, string>>
  /** `count`, and in a summary how many `occurrences` it stands for. */
  readonly measurements: Readonly<Record<string, number>>
}

/** Occurrences kept until they are sent. */
export interface Diary {
  readonly add: (occurrence: Occurrence, operation: Operation | undefined) => void
  /** Everything since the last drain, summaries last; forgets it. */
  readonly drain: () => readonly Entry[]
}

/** Opens an empty diary. Of a name it keeps `perMinute` rows between two drains and sums up the rest: a storm is one row. */
export function openDiary({ clock }: { readonly clock: () => number }): Diary {
  let entries: Entry[] = []
  let kept = new Map<OccurrenceName, number>()
  let spilt = new Map<OccurrenceName, { occurrences: number; count: number }>()
  return {
    add: ({ name, count, properties }, operation) => {
      const rows = kept.get(name) ?? 0
      if (rows >= occurrences[name].perMinute) {
        const { occurrences: before, count: sum } = spilt.get(name) ?? { occurrences: 0, count: 0 }
        spilt.set(name, { occurrences: before + 1, count: sum + count })
        return
      }
      kept.set(name, rows + 1)
      const texts = Object.entries(properties).map(([key, value]) => [key, String(value)] as const)
      const declared = texts.filter(([key]) => occurrences[name].properties.includes(key))
      const labelled = { ...Object.fromEntries(declared), summary: 'false' }
      entries.push({ name, timeMs: clock(), operation, properties: labelled, measurements: { count } })
    },
    drain: () => {
      const summaries = Array.from(spilt, ([name, measurements]): Entry => {
        return { name, timeMs: clock(), operation: undefined, properties: { summary: 'true' }, measurements }
      })
      const drained = [...entries, ...summaries]
      entries = []
      kept = new Map()
      spilt = new Map()
      return drained
    },
  }
}
