import fc from 'fast-check'
import { instantClock, timeTeller } from '../../../generator/csv/clock'
import { zoneOffset } from '../../../generator/csv/local-time'
import { type TimeShape } from '../../../generator/csv/map'

const shape: TimeShape = { formats: ['yyyy-MM-dd HH:mm'], columns: ['when'], zone: 'Europe/Warsaw', repeated: 'order' }

/** The hours and minutes in UTC of local times of 25 October 2026 in Warsaw, asked in this order. */
function instants(times: readonly (string | readonly [string, string])[], repeated: TimeShape['repeated'] = 'order') {
  const tell = timeTeller(shape)
  const { instant, counts } = instantClock(repeated)
  const found = times.map((time) => {
    const [text, store] = typeof time === 'string' ? [time, 's'] : time
    const ms = instant(tell({ when: `2026-10-25 ${text}` }), store)
    return ms === undefined ? undefined : new Date(ms).toISOString().slice(11, 16)
  })
  return { found, counts }
}

test('a time before that of an earlier row means that the hour has come again', () => {
  const { found, counts } = instants(['01:50', '02:30', '02:45', '02:15', '02:20', '02:10', '03:00'])
  expect(found).toEqual(['23:50', '00:30', '00:45', '01:15', '01:20', '01:10', '02:00'])
  expect(counts).toEqual({ repeated: { first: 2, second: 3 }, skipped: 0 })
})

test('in a file with the newest row first, a time behind that of an earlier row means the hour before', () => {
  expect(instants(['03:30', '03:00', '02:15', '02:45', '02:30', '01:50']).found).toEqual([
    '02:30',
    '02:00',
    '01:15',
    '00:45',
    '00:30',
    '23:50',
  ])
})

test('each store has its own hour, and a map may say which one is meant', () => {
  expect(
    instants([
      ['02:30', 'a'],
      ['02:15', 'b'],
      ['02:10', 'a'],
      ['02:20', 'b'],
    ]).found,
  ).toEqual(['00:30', '00:15', '01:10', '00:20'])
  expect(instants(['02:30', '02:15'], 'first').found).toEqual(['00:30', '00:15'])
  expect(instants(['02:30', '02:15'], 'second').found).toEqual(['01:30', '01:15'])
})

test('rows in the order of time never go back, and are never put later than they were', () => {
  const clocks = fc.constantFrom(
    ['Europe/Warsaw', '2026-10-25T00:00Z'] as const,
    ['America/Chicago', '2026-11-01T06:00Z'] as const,
    ['Australia/Lord_Howe', '2026-04-04T14:00Z'] as const,
  )
  const minutes = fc.array(fc.integer({ min: -120, max: 240 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(clocks, minutes, fc.boolean(), ([zone, change], some, isBackwards) => {
      const changeMs = Date.parse(change)
      const offset = zoneOffset(zone)
      // Two rows well before, or well after, tell which way the file runs.
      const outer = isBackwards ? [720, 700] : [-720, -700]
      const sortedMinutes = [...outer, ...some.toSorted((a, b) => (isBackwards ? b - a : a - b))]
      const real = sortedMinutes.map((minute) => changeMs + minute * 60_000)
      const { instant } = instantClock('order')
      const found = real.map((ms) => instant({ text: '', zone, parts: { localMs: ms + offset(ms) } }, 's') ?? NaN)
      for (const [i, ms] of found.entries()) {
        const [before = ms, was = NaN] = [found[i - 1], real[i]]
        expect(isBackwards ? before - ms : ms - before).toBeGreaterThanOrEqual(0)
        expect(isBackwards ? ms - was : was - ms).toBeGreaterThanOrEqual(0)
        // The local time is the one that was written.
        expect(ms + offset(ms)).toBe(was + offset(was))
      }
    }),
  )
})

test('what says its offset needs no zone, a zone that nobody knows is in the text', () => {
  const tell = timeTeller({ ...shape, formats: ['yyyy-MM-dd HH:mm x', 'yyyy-MM-dd HH:mm'], zoneColumn: 'zone' })
  const { instant } = instantClock('order')
  const iso = (row: Readonly<Record<string, string>>) => {
    const ms = instant(tell(row), 's')
    return ms === undefined ? tell(row).text : new Date(ms).toISOString()
  }
  expect(iso({ when: '2026-03-05 10:00 -0500', zone: 'Mars' })).toBe('2026-03-05T15:00:00.000Z')
  expect(iso({ when: '2026-03-05 10:00', zone: 'Mars' })).toBe('2026-03-05 10:00 Mars')
  expect(iso({ when: '2026-03-05 10:00', zone: 'Pacific Standard Time' })).toBe('2026-03-05T18:00:00.000Z')
  expect(iso({ when: '2026-03-05 10:00', zone: '' })).toBe('2026-03-05T09:00:00.000Z')
  expect(iso({ when: 'soon', zone: '' })).toBe('soon')
  expect(iso({ when: '', zone: 'Mars' })).toBe('')
})
