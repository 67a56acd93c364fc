import fc from 'fast-check'
import { namesOf, numberOf } from '../../../../sim/eval/watch/names'
import { addShelf, at, findShelf, noShelves } from '../../../../sim/eval/watch/shelves'

test('a shelf is found again among many, and what was never added is not', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.nat(50), fc.nat(5_000)), { selector: String, maxLength: 400 }), (keys) => {
      const shelves = noShelves()
      keys.forEach(([store, product]) => {
        expect(findShelf(shelves, store, product)).toBe(-1)
        const row = addShelf(shelves, store, product)
        shelves.columns.due[row] = store * 10_000 + product
      })
      for (const [store, product] of keys) {
        expect(at(shelves.columns.due, findShelf(shelves, store, product))).toBe(store * 10_000 + product)
      }
      expect(shelves.count).toBe(keys.length)
    }),
  )
})

test('at 250,000 shelves one takes at most 150 bytes', () => {
  const shelves = noShelves()
  for (let store = 0; store < 25; store++)
    for (let product = 0; product < 10_000; product++) addShelf(shelves, store, product)
  const columns = Object.values(shelves.columns) as readonly { readonly byteLength: number }[]
  const bytes = columns.reduce((sum, { byteLength }) => sum + byteLength, shelves.table.byteLength)
  // Its place in the heap of its store is a number in an array.
  expect(bytes / shelves.count + 8).toBeLessThanOrEqual(150)
})

test('names are numbered in order of first sight', () => {
  const names = namesOf(['a'])
  expect([numberOf(names, 'b'), numberOf(names, 'a'), numberOf(names, 'b')]).toEqual([1, 0, 1])
})
