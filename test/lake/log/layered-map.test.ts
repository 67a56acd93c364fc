import fc from 'fast-check'
import { LayeredMap } from '../../../src/lake/log/layered-map'

const keys = Array.from({ length: 201 }, (_, key) => String(key))
const anyKey = fc.constantFrom(...keys)
const anyChange = fc.array(fc.tuple(anyKey, fc.option(fc.nat(9), { nil: undefined })), { maxLength: 30 })

test('whatever is set and taken out, it holds what a Map would, and what it was made from stays', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 30 }), (steps) => {
      const model = new Map<string, number>()
      const versions = [{ map: LayeredMap.empty<number>(), held: new Map<string, number>() }]
      for (const step of steps) {
        for (const [key, value] of step) {
          if (value === undefined) model.delete(key)
          else model.set(key, value)
        }
        const newest = versions.at(-1)?.map ?? LayeredMap.empty<number>()
        versions.push({ map: newest.with(new Map(step)), held: new Map(model) })
      }
      for (const { map, held } of versions) {
        expect(new Map(map)).toEqual(held)
        expect([...map.values()].sort()).toEqual([...held.values()].sort())
        expect(map.size).toBe(held.size)
        expect(keys.map((key) => map.get(key))).toEqual(keys.map((key) => held.get(key)))
      }
    }),
  )
})
