import fc from 'fast-check'
import { eventTimePattern, patternOf, textPattern } from '../../src/event/patterns'

test('the fast text test says what its pattern says', () => {
  const pattern = new RegExp(textPattern, 'u')
  // Lone and paired surrogates, controls and their neighbours, and everything else.
  const unit = fc.oneof(
    fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\u001f', ' ', '~', '\u007f', '\u009f', '\u00a0', '\ue000'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  )
  const { test: fast } = patternOf(textPattern)
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 6 }), (text) => {
      expect(fast(text)).toBe(pattern.test(text))
    }),
    { numRuns: 2000 },
  )
})

test('no time passes the fast test that its pattern refuses', () => {
  const pattern = new RegExp(eventTimePattern, 'u')
  const { test: fast } = patternOf(eventTimePattern)
  const part = fc.constantFrom('2026', '-', '03', '01', 'T', '09', ':', '30', '.', '5', 'Z', '+', '1969', ' ')
  fc.assert(
    fc.property(fc.array(part, { maxLength: 16 }), fc.nat({ max: 2_000_000_000 }), fc.nat(30), (parts, ms, at) => {
      const iso = new Date(ms * 1000).toISOString()
      for (const text of [parts.join(''), iso.slice(0, at) + parts.slice(0, 2).join('') + iso.slice(at + 1)]) {
        if (fast(text)) expect(text).toMatch(pattern)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a pattern without a test is named', () => {
  expect(() => patternOf('^x$')).toThrow('event schema: no test for pattern ^x$; add it to patterns.ts')
})
