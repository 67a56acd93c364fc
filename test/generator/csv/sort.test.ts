import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sorted } from '../../../generator/csv/sort'

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tillstream-sorts-'))))
afterEach(() => rmSync(folder, { recursive: true }))

interface Item {
  readonly key: string
  readonly nth: number
}

async function all(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

const keyOf = ({ key }: Item) => key

test('items come by key, equal ones as they came, however little fits in memory; the runs are removed', async () => {
  const keys = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'B', ''), fc.string({ unit: 'binary', maxLength: 4 })), {
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 1, max: 1_000 }), async (some, characters) => {
      const items = some.map((key, nth) => ({ key, nth }))
      const expected = items.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.nth - b.nth))
      expect(await all(sorted(items, { keyOf, characters, beneath: folder }))).toEqual(expected)
      expect(readdirSync(folder)).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('runs are removed when the sort is left, and when what it reads fails', async () => {
  const items = Array.from({ length: 100 }, (_, nth) => ({ key: String(nth % 7), nth }))
  const left = sorted(items, { keyOf, characters: 50, beneath: folder })
  expect(await left.next()).toMatchObject({ value: { key: '0' } })
  expect(readdirSync(folder)).toHaveLength(1)
  await left.return(undefined)
  expect(readdirSync(folder)).toEqual([])
  const broken = function* () {
    yield* items
    throw new Error('broken')
  }
  await expect(all(sorted(broken(), { keyOf, characters: 50, beneath: folder }))).rejects.toThrow('broken')
  expect(readdirSync(folder)).toEqual([])
})
