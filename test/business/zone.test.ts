import { isZone, offsetAt, offsetsOf } from '../../src/business/zone'

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16)

test('a zone has the offset of the beginning, then its changes', () => {
  const offsets = offsetsOf('Europe/London', Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1))
  expect(offsets.map(({ fromMs, offsetMs }) => [iso(fromMs), offsetMs / 60_000])).toEqual([
    ['2026-01-01T00:00', 0],
    ['2026-03-29T01:00', 60],
    ['2026-10-25T01:00', 0],
  ])
  expect(offsetAt('Asia/Kathmandu', 0)).toBe(330 * 60_000)
  expect(offsetAt('America/St_Johns', Date.UTC(2026, 0, 1))).toBe(-210 * 60_000)
})

test('a change at either end belongs to the later stretch', () => {
  const change = Date.UTC(2026, 2, 29, 1)
  expect(offsetsOf('Europe/London', change - 1, change)).toEqual([{ fromMs: change - 1, offsetMs: 0 }])
  expect(offsetsOf('Europe/London', change, change + 1)).toEqual([{ fromMs: change, offsetMs: 3_600_000 }])
  expect(offsetsOf('Europe/London', change - 1, change + 1)).toHaveLength(2)
})

test('times before zones were agreed upon have seconds', () => {
  expect(offsetAt('Africa/Monrovia', Date.UTC(1971, 0, 1))).toBe(-2670 * 1000)
})

test('names of zones, and what is none', () => {
  const names = ['UTC', 'Europe/London', 'US/Central', 'Etc/GMT+5', 'Europe/Lundon', '+05:30', '', 'CET']
  expect(names.filter(isZone)).toEqual(['UTC', 'Europe/London', 'US/Central', 'Etc/GMT+5', 'CET'])
  expect(() => offsetsOf('Europe/Lundon', 0, 1)).toThrow('Europe/Lundon')
})
