import fc from 'fast-check'
import { listen, metricNames, metrics, record } from '../../src/observe/metrics'
import { openSeries } from '../../src/observe/series'

const partitioned = metricNames.watermarkLagMs

test('count, sum, least and greatest are exact for every partition', () => {
  const measurement = fc.record({ value: fc.integer(), partition: fc.constantFrom('0', '1', '2') })
  fc.assert(
    fc.property(fc.array(measurement, { minLength: 1 }), (measured) => {
      const series = openSeries()
      for (const { value, partition } of measured) series.add({ name: partitioned, value, dimensions: { partition } })
      const expected = [...new Set(measured.map(({ partition }) => partition))].map((partition) => {
        const values = measured.filter((one) => one.partition === partition).map(({ value }) => value)
        const sum = values.reduce((total, value) => total + value, 0)
        const [min, max] = [Math.min(...values), Math.max(...values)]
        return { name: partitioned, dimensions: { partition }, count: values.length, sum, min, max }
      })
      expect(series.drain()).toEqual(expected)
      expect(series.drain()).toEqual([])
    }),
  )
})

test('a million events are as many items as there are metrics and values of their dimensions', () => {
  const series = openSeries()
  const stop = listen(series.add)
  for (let i = 0; i < 1_000_000; i++) record(metricNames.endToEndMs, i % 1000)
  for (let i = 0; i < 1000; i++) record(metricNames.events, 1000)
  for (let i = 0; i < 1000; i++) record(partitioned, i, { partition: String(i % 4) })
  stop()
  record(metricNames.events, 1)
  const drained = series.drain()
  expect(drained).toHaveLength(6)
  expect(drained).toContainEqual({
    name: metricNames.endToEndMs,
    dimensions: {},
    count: 1_000_000,
    sum: 499_500_000,
    min: 0,
    max: 999,
  })
  expect(drained).toContainEqual(expect.objectContaining({ name: metricNames.events, sum: 1_000_000 }))
})

test('values of a dimension past the limit are told apart no longer, and none is lost', () => {
  const series = openSeries({ valuesPerMetric: 3 })
  for (let i = 0; i < 100; i++) series.add({ name: partitioned, value: 1, dimensions: { partition: String(i % 10) } })
  const drained = series.drain()
  expect(drained.map(({ dimensions }) => dimensions.partition)).toEqual(['0', '1', '2', 'other'])
  expect(drained.reduce((sum, { count }) => sum + count, 0)).toBe(100)
})

test('a dimension nobody declared is left out, and so is what is for the terminal alone', () => {
  const series = openSeries()
  series.add({ name: metricNames.events, value: 1, dimensions: { reason: 'because' } })
  series.add({ name: metricNames.watermarkMs, value: 1, dimensions: { partition: '0' } })
  series.add({ name: metricNames.foldMs, value: NaN })
  expect(series.drain()).toEqual([{ name: metricNames.events, dimensions: {}, count: 1, sum: 1, min: 1, max: 1 }])
})

test('every metric has a meaning', () => {
  expect(Object.keys(metrics).sort()).toEqual(Object.values(metricNames).sort())
})
