import { openDiary } from '../../src/observe/diary'
import { occurrenceNames, occurrences } from '../../src/observe/occurrences'

const { stockoutsOpened: name, gap } = occurrenceNames
const { perMinute } = occurrences[name]

test('a storm becomes one row more, and its count is kept', () => {
  const diary = openDiary({ clock: () => 7 })
  for (let i = 0; i < 1000; i++)
    diary.add({ name, count: 3, properties: { partition: i % 4, lastSequence: i } }, undefined)
  diary.add({ name: gap, count: 5, properties: { partition: 1, firstSequence: 2, lastSequence: 6 } }, undefined)
  const entries = diary.drain()
  expect(entries).toHaveLength(perMinute + 2)
  const stormy = entries.filter((entry) => entry.name === name)
  expect(stormy.reduce((sum, { measurements }) => sum + (measurements.count ?? 0), 0)).toBe(3000)
  expect(entries.at(-1)).toEqual({
    name,
    timeMs: 7,
    operation: undefined,
    properties: { summary: 'true' },
    measurements: { occurrences: 1000 - perMinute, count: 3 * (1000 - perMinute) },
  })
  expect(entries).toContainEqual(
    expect.objectContaining({
      name: gap,
      properties: { partition: '1', firstSequence: '2', lastSequence: '6', summary: 'false' },
    }),
  )
  expect(diary.drain()).toEqual([])
})

test('after a drain there is room for rows again', () => {
  const diary = openDiary({ clock: () => 0 })
  for (let i = 0; i < perMinute; i++) diary.add({ name, count: 1, properties: {} }, undefined)
  diary.drain()
  diary.add({ name, count: 1, properties: {} }, undefined)
  expect(diary.drain()).toMatchObject([{ properties: { summary: 'false' } }])
})

test('only declared properties are kept', () => {
  const diary = openDiary({ clock: () => 0 })
  diary.add({ name, count: 1, properties: { partition: 0, productId: 'p1' } }, undefined)
  expect(diary.drain()[0]?.properties).toEqual({ partition: '0', summary: 'false' })
})
