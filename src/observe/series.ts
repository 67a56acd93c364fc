import { type Dimension, type Measurement, metrics, type MetricName } from './metrics'

/** What was measured under one name and dimension since the last drain. */
export interface Aggregate {
  readonly name: MetricName
  readonly dimensions: Readonly<Partial<Record<Dimension, string>>>
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

/** Measurements added up by name and dimension. */
export interface Series {
  readonly add: (measurement: Measurement) => void
  /** Everything since the last drain, in order of first appearance; forgets it. */
  readonly drain: () => readonly Aggregate[]
}

type Running = { -readonly [K in keyof Aggregate]: Aggregate[K] }

/**
 * Opens empty series. Memory and output are bounded: of a metric no more than `valuesPerMetric` values of its
 * dimension are told apart, any further one counts as `other`. Metrics declared local are left out.
 */
export function openSeries({ valuesPerMetric = 64 }: { readonly valuesPerMetric?: number } = {}): Series {
  let byName = new Map<MetricName, Map<string, Running>>()
  const valueOf = ({ name, dimensions = {} }: Measurement, known: ReadonlyMap<string, unknown>) => {
    const { dimension } = metrics[name]
    const value = dimension === undefined ? '' : (dimensions[dimension] ?? 'none')
    return known.has(value) || known.size < valuesPerMetric ? value : 'other'
  }
  return {
    add: (measurement) => {
      const { name, value } = measurement
      if (metrics[name].local || !Number.isFinite(value)) return
      const known = byName.get(name) ?? new Map<string, Running>()
      byName.set(name, known)
      const key = valueOf(measurement, known)
      const running = known.get(key)
      if (running) extend(running, value)
      else known.set(key, { name, dimensions: labelled(name, key), count: 1, sum: value, min: value, max: value })
    },
    drain: () => {
      const drained = [...byName.values()].flatMap((known) => [...known.values()])
      byName = new Map()
      return drained
    },
  }
}

function extend(running: Running, value: number): void {
  running.count += 1
  running.sum += value
  running.min = Math.min(running.min, value)
  running.max = Math.max(running.max, value)
}

function labelled(name: MetricName, value: string): Aggregate['dimensions'] {
  const { dimension } = metrics[name]
  return dimension === undefined ? {} : { [dimension]: value }
}
