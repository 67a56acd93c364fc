import { WINDOWS_TO_IANA_MAP } from 'windows-iana'
import { ianaZone } from '../../../generator/csv/zone-name'

test.each([
  ['Europe/Warsaw', 'Europe/Warsaw'],
  ['UTC', 'UTC'],
  ['Eastern Standard Time', 'America/New_York'],
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['Eastern Time (US & Canada)', 'America/New_York'],
  ['(GMT-05:00) Eastern Time (US & Canada)', 'America/New_York'],
  ['Arizona', 'America/Phoenix'],
  ['London', 'Europe/London'],
  ['Mexico City', 'America/Mexico_City'],
  ['New Delhi', 'Asia/Kolkata'],
  ['Wellington', 'Pacific/Auckland'],
  // Intl has a zone EST, which is never in summer time; who writes EST in July means something else.
  ['EST', undefined],
  ['Mars', undefined],
  ['', undefined],
])('%s is %s', (name, zone) => {
  expect(ianaZone(name)).toBe(zone)
})

test('every name of Windows is one of a zone that Node has', () => {
  const names = [...new Set(WINDOWS_TO_IANA_MAP.map(({ windowsName }) => windowsName))]
  expect(names.length).toBeGreaterThan(130)
  expect(names.filter((name) => ianaZone(name) === undefined)).toEqual([])
})
