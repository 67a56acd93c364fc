import fc from 'fast-check'
import { timeFormat } from '../../../generator/csv/time-format'

function read(format: string, text: string): string | undefined {
  const parts = timeFormat(format)(text)
  if (!parts) return undefined
  const local = new Date(parts.localMs).toISOString().slice(0, -1)
  return parts.offsetMs === undefined ? local : `${local} ${parts.offsetMs / 60_000}`
}

test.each<readonly [string, string, string | undefined]>([
  ['yyyy-MM-dd HH:mm:ss x', '2026-03-05 10:15:01 +0100', '2026-03-05T10:15:01.000 60'],
  ['yyyy-MM-dd HH:mm:ss xxx', '2026-03-05 10:15:01 -03:30', '2026-03-05T10:15:01.000 -210'],
  ["yyyy-MM-dd'T'HH:mm:ssx", '2026-03-05T08:00:00Z', '2026-03-05T08:00:00.000 0'],
  ['yyyy-MM-ddTHH:mm:ss.SSSX', '2026-03-05T08:00:00.1239+01', '2026-03-05T08:00:00.123 60'],
  ['yyyy-MM-dd HH:mm:ss x', '2026-03-05 10:15:01 UTC', '2026-03-05T10:15:01.000 0'],
  ['yyyy-MM-dd HH:mm x', '2026-03-05 10:15', undefined],
  ['yyyy-MM-dd hh:mm:ss a', '2026-03-05 03:45:10 PM', '2026-03-05T15:45:10.000'],
  ['yyyy-MM-dd h:mm a', '2026-03-05 12:30\u202fa.m.', '2026-03-05T00:30:00.000'],
  ['yyyy-MM-dd h:mma', '2026-03-05 12:30pm', '2026-03-05T12:30:00.000'],
  ['yyyy-MM-dd h:mm a', '2026-03-05 13:30 PM', undefined],
  ['yyyy-MM-dd h:mm a', '2026-03-05 0:30 AM', undefined],
  ['d MMM yyyy', '5 March 2026', '2026-03-05T00:00:00.000'],
  ['MMM d, yyyy', 'Sept. 5, 2026', '2026-09-05T00:00:00.000'],
  ['M/d/yy H:mm', '12/1/09 8:26', '2009-12-01T08:26:00.000'],
  ['M/d/yy', '12/1/99', '1999-12-01T00:00:00.000'],
  ["dd.MM.yyyy 'um' HH:mm", '05.03.2026 um 09:30', '2026-03-05T09:30:00.000'],
  ['excel', '46086.39583333', '2026-03-05T09:30:00.000'],
  ['excel', '46086,5', '2026-03-05T12:00:00.000'],
  ['excel', '61', '1900-03-01T00:00:00.000'],
  ['excel', '60', undefined],
  ['excel', '2026-03-05', undefined],
  ['yyyy-MM-dd', '2026-02-29', undefined],
])('%s reads %j as %p', (format, text, expected) => {
  expect(read(format, text)).toBe(expected)
})

test('serial dates of Excel to eight digits are those of the second', () => {
  const second = fc.integer({ min: Date.UTC(1900, 2, 1) / 1000, max: Date.UTC(2100, 0) / 1000 })
  fc.assert(
    fc.property(second, (at) => {
      const serial = (at / 86_400 + 25_569).toFixed(8)
      expect(timeFormat('excel')(serial)?.localMs).toBe(at * 1000)
    }),
  )
})

test.each([
  ['yyyy-MM HH:mm', 'expected one day, got 0'],
  ['yyyy-MM-dd d', 'expected one day, got 2'],
  ['yyyy-MM-dd hh:mm', 'expected a beside h, or H without it'],
  ['yyyy-MM-dd HH:mm zzz', 'got "zzz"'],
])('format %s is refused: %s', (format, fault) => {
  expect(() => timeFormat(format)).toThrow(fault)
})
