import fc from 'fast-check'
import { createAgenda } from '../../generator/agenda'
import { createUlids } from '../../generator/event-id'
import { amountText, bytesText, createTimeText, quoted, valueOf } from '../../generator/event-text'
import { createRandom, weighted } from '../../generator/random'
import { simulate } from '../../generator/simulate'

test('an agenda gives back in order of time, and of putting in where times are equal', () => {
  // Few times and fewer takes than puts, so that there are many equal ones at a time.
  const put = { arbitrary: fc.integer({ min: 0, max: 5 }), weight: 3 }
  const take = { arbitrary: fc.constant('take' as const), weight: 2 }
  const steps = fc.array(fc.oneof(put, take), { maxLength: 300, size: 'max' })
  fc.assert(
    fc.property(steps, (all) => {
      const agenda = createAgenda<{ readonly atMs: number; readonly number: number }>()
      const model: { readonly atMs: number; readonly number: number }[] = []
      for (const [number, step] of all.entries()) {
        if (step !== 'take') {
          agenda.put(step, { atMs: step, number })
          model.push({ atMs: step, number })
          model.sort((a, b) => a.atMs - b.atMs || a.number - b.number)
        } else if (model.length > 0) {
          expect(agenda.nextMs()).toBe(model[0]?.atMs)
          expect(agenda.take()).toEqual(model.shift())
        }
        expect(agenda.size()).toBe(model.length)
      }
    }),
  )
})

test('an agenda holds more than it was made for', () => {
  const agenda = createAgenda<number>()
  for (let i = 5_000; i > 0; i--) agenda.put(i, i)
  expect(Array.from({ length: 5_000 }, () => agenda.take())).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1))
  expect(() => agenda.take()).toThrow('agenda: expected an item')
})

test('indexes are picked as often as their weights say', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(
      weights.filter((all) => all.some((weight) => weight > 0)),
      fc.string(),
      (all, seed) => {
        const [pick, random, picks] = [weighted(all), createRandom(seed), 4_000]
        const counts = all.map(() => 0)
        for (let i = 0; i < picks; i++) counts[pick(random)]!++
        const total = all.reduce((sum, weight) => sum + weight, 0)
        all.forEach((weight, i) => {
          const expected = (picks * weight) / total
          // Six standard deviations of a count, and a little more where it is small.
          expect(Math.abs((counts[i] ?? 0) - expected)).toBeLessThanOrEqual(6 * Math.sqrt(expected) + (weight && 4))
        })
      },
    ),
  )
  expect(() => weighted([0, 0])).toThrow('random: expected weights above 0')
})

test('amounts, times and texts are written as JSON.stringify writes them', () => {
  const timeText = createTimeText()
  fc.assert(
    fc.property(
      fc.integer({ min: -1e11, max: 1e11 }),
      fc.integer({ min: 0, max: 4e12 }),
      fc.string(),
      (cents, ms, text) => {
        expect(amountText(cents)).toBe(JSON.stringify(cents / 100))
        expect(timeText(ms)).toBe(new Date(ms).toISOString())
        expect(valueOf(quoted(text))).toBe(text)
      },
    ),
  )
})

test('ids begin with their time and differ in the rest', () => {
  const ulid = createUlids(createRandom('ids'))
  // The example of the ULID specification: 01ARYZ6S41 is 1469918176385.
  expect(ulid(1_469_918_176_385)).toMatch(/^01ARYZ6S41[0-9A-HJKMNP-TV-Z]{16}$/)
  expect(ulid(1_469_918_176_384)).toMatch(/^01ARYZ6S40/)
  const ids = Array.from({ length: 10_000 }, () => ulid(0))
  expect(new Set(ids).size).toBe(ids.length)
  expect([...new Set(ids.map((id) => id.charAt(25)))].sort().join('')).toBe('0123456789ABCDEFGHJKMNPQRSTVWXYZ')
})

test('bodies put together by hand are those JSON.stringify would write, beyond ASCII too', () => {
  const options = { seed: 3, startMs: 0, ratePerSecond: 500, world: 'chain', stores: 40, currency: 'EUR' } as const
  const deliveries = simulate({ ...options, malformed: 0 })
  const texts = Array.from({ length: 5_000 }, () => deliveries.next().value.text)
  const canonical = (text: string): string => bytesText(JSON.stringify(valueOf(text)))
  expect(texts.filter((text) => canonical(text) !== text)).toEqual([])
  expect(texts.some((text) => text.includes(bytesText('München')))).toBe(true)
})
