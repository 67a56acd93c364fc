import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { addText, estimate, type Sketch, sketchBytes, sketchHash, sketchSize } from '../../src/fold/sketch'
import { stepsOf } from '../thorough'

const sketchOf = (texts: Iterable<string>): Sketch => {
  const sketch: Sketch = new Set()
  for (const text of texts) addText(sketch, text)
  return sketch
}

const customers = (count: number, seed: number) => Array.from({ length: count }, (_, i) => `customer ${seed} ${i}`)

test('a hash is the first 48 bits of SHA-256, as any engine computes it', () => {
  const digest = createHash('sha256').update('naïve £', 'utf8').digest()
  expect(sketchHash('naïve £')).toBe(digest.readUIntBE(0, 6))
})

test('a sketch does not depend on order or repetition', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 200 }), (texts) => {
      const again = sketchOf([...texts, ...texts].reverse())
      expect(sketchBytes(again)).toEqual(sketchBytes(sketchOf(texts)))
      expect(estimate(again)).toBe(new Set(texts).size)
    }),
  )
})

test('it is exact below its size and keeps no more than that', () => {
  const almost = sketchOf(customers(sketchSize - 1, 1))
  expect(estimate(almost)).toBe(sketchSize - 1)
  const many = sketchOf(customers(3 * sketchSize, 1))
  expect(many.size).toBeLessThan(2 * sketchSize)
  expect(sketchBytes(many)).toHaveLength(6 * sketchSize)
})

test.each([100_000, 300_000])('%i different customers are estimated within 2 %%', (count) => {
  for (const seed of stepsOf(3, { most: 1 })) {
    const off = Math.abs(estimate(sketchOf(customers(count, seed))) / count - 1)
    expect(off).toBeLessThan(0.02)
  }
})

test('what was dropped on the way would not have been kept in the end: pruning changes nothing', () => {
  const texts = customers(5 * sketchSize, 7)
  const hashes = [...new Set(texts.map(sketchHash))].sort((a, b) => a - b).slice(0, sketchSize)
  const bytes = Buffer.from(sketchBytes(sketchOf(texts)))
  expect(hashes.every((each, i) => bytes.readUIntBE(6 * i, 6) === each)).toBe(true)
})
