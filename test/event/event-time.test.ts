import fc from 'fast-check'
import { dayMs } from '../../src/day'
import { parseEventTime } from '../../src/event/event-time'

const lastMs = Date.parse('9999-12-30T00:00:00Z')

test('every instant comes back from its ISO text in every zone', () => {
  fc.assert(
    fc.property(fc.integer({ min: dayMs, max: lastMs }), fc.integer({ min: -1439, max: 1439 }), (ms, offset) => {
      const local = new Date(ms + offset * 60_000).toISOString().slice(0, -1)
      const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
      const zone = `${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
      expect(parseEventTime(local + zone)).toBe(ms)
    }),
  )
})

test.each([
  ['2026-03-01T09:30Z', '2026-03-01T09:30:00.000Z'],
  ['2026-03-01T09:30:15.9999999Z', '2026-03-01T09:30:15.999Z'],
  ['2026-03-01T09:30:15.5+00:00', '2026-03-01T09:30:15.500Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['1969-12-31T23:30:00-00:30', '1970-01-01T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect(new Date(parseEventTime(text)).toISOString()).toBe(iso)
})

test.each([
  '2026-03-01T09:30:00',
  '2026-03-01 09:30:00Z',
  '2026-03-01',
  '2026-04-31T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:60Z',
  '2026-01-01T00:00:00.Z',
  '2026-01-01T00:00:00.1234567890Z',
  '2026-01-01T00:00.5Z',
  '2026-01-01T00:00:00Z ',
  '2026-01-01T00:00:00+0100',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01T00:00:00+01:60',
  '2026-01-01T00:00:00+01:0',
  '1969-12-31T23:59:59Z',
  '0099-01-01T00:00:00Z',
  '+02026-01-01T00:00:00Z',
  '２026-01-01T00:00:00Z',
  '',
])('%j is no event time', (text) => {
  expect(parseEventTime(text)).toBeNaN()
})
