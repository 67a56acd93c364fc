import {
  accumulate,
  emptyAccumulator,
  measured,
  restoreAccumulator,
  storeAccumulator,
} from '../../src/fold/accumulator'
import { columnsOf, type Measure, measureId, type Stored } from '../../src/fold/measure'
import { type Rollup } from '../../src/fold/rollup'

const minuteMs = 60_000
const comment = 'for the test'
const measures: readonly Measure[] = [
  { kind: 'ratio', name: 'share', unit: 'percent', numerator: 'took', denominator: 'received', comment },
  { kind: 'sum', name: 'received', unit: 'count', comment },
  { kind: 'sum', name: 'took', unit: 'count', comment },
  { kind: 'min', name: 'least', unit: 'money', comment },
  { kind: 'max', name: 'most', unit: 'seconds', comment },
  { kind: 'last', name: 'seen', unit: 'count', comment },
  { kind: 'distinct', name: 'people', comment },
]
const rollup: Rollup = {
  name: 'every_kind',
  comment,
  windowMs: minuteMs,
  dimensions: [],
  measures,
  contributions: () => [],
}

function folded(...amounts: Record<string, number | string>[]) {
  const accumulator = emptyAccumulator(rollup)
  amounts.forEach((each, at) => accumulate(rollup, accumulator, { key: [], amounts: each, timeMs: at }))
  return accumulator
}

const some = folded(
  { received: 1, took: 1, least: -3, most: -3, seen: 5, people: 'ann' },
  { received: 2, took: 0, least: -5, most: -5, seen: 4, people: 'bob' },
  { people: 'ann' },
)

test('every kind gives a value for each of its columns, nothing where nothing came', () => {
  const names = measures.flatMap((measure) => columnsOf(measure)).map(({ name }) => name)
  expect(Object.keys(measured(rollup, some)).sort()).toEqual([...names].sort())
  expect(measured(rollup, folded())).toEqual({
    share: null,
    received: 0,
    took: 0,
    least: null,
    most: null,
    seen: null,
    seen_at: null,
    people: 0,
    people_sketch: Buffer.alloc(0),
  })
  expect(measured(rollup, some)).toMatchObject({
    received: 3,
    took: 1,
    least: -5,
    most: -3,
    seen: 4,
    seen_at: 1,
    people: 2,
  })
})

test('a ratio is of the sums, wherever they stand in the list', () => {
  expect(measured(rollup, some)).toMatchObject({ share: 3333 })
})

test('a stored accumulator measures and counts on as the original does', () => {
  const text = JSON.stringify(storeAccumulator(some))
  const restored = restoreAccumulator(rollup, JSON.parse(text) as readonly Stored[])
  expect(JSON.stringify(storeAccumulator(restored))).toBe(text)
  const more = { key: [], amounts: { received: 1, least: -9, most: 1, seen: 8, people: 'cid' }, timeMs: 0 }
  accumulate(rollup, restored, more)
  expect(measured(rollup, restored)).toMatchObject({ received: 4, least: -9, most: 1, seen: 4, people: 3 })
})

test('the identity of a measure is spelled as it is on disk', () => {
  expect(measures.map((measure) => measureId(measure))).toEqual([
    'share=took/received',
    'received',
    'took',
    'min least',
    'max most',
    'last seen',
    'distinct65536 people',
  ])
})
