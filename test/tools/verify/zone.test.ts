import { localTimeReader, zoneOffset } from '../../../generator/csv/local-time'
import { dayMs } from '../../../src/day'
import { type Engine, openEngine } from '../../../tools/verify/engine'
import { stretchesOf, stretchesSql } from '../../../tools/verify/zone'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine()
})
afterAll(() => engine.close())

const zones = [
  ...['UTC', 'Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'Antarctica/Troll', 'Africa/Casablanca'],
  ...['America/Havana', 'Africa/Cairo', 'America/Vancouver', 'Asia/Kathmandu', 'America/St_Johns', 'CET'],
]
const year = Array.from({ length: 366 }, (_, index) => Date.UTC(2026, 0, 1) + index * dayMs)

/** Local times, as if they were UTC, every quarter of an hour of two days about each change of the year. */
function timesAbout(zone: string, days: readonly number[]): readonly number[] {
  const offset = zoneOffset(zone)
  const changes = days.filter((day) => offset(day) !== offset(day + dayMs))
  const quarters = Array.from({ length: 4 * 96 }, (_, index) => (index - 192) * 900_000)
  return [...new Set([days[0] ?? 0, ...changes].flatMap((day) => quarters.map((by) => day + by)))]
}

/** What the SQL of the check makes of them: the rule of csvScript, over the stretches. */
async function inSql(zone: string, { times, days }: { times: readonly number[]; days: readonly number[] }) {
  const rows = await engine.query(`
    SELECT local_ms - CASE WHEN local_ms - offset_ms < from_ms THEN before_ms ELSE offset_ms END AS ms
    FROM (SELECT unnest([${times.join(', ')}]::BIGINT[]) AS local_ms) ASOF LEFT JOIN
      (${stretchesSql(stretchesOf(zone, days))}) AS stretch ON local_ms < local_end_ms ORDER BY local_ms`)
  return rows.map(({ ms }) => Number(ms))
}

function byReplay(zone: string, times: readonly number[]) {
  const read = localTimeReader('yyyy-MM-dd HH:mm:ss', zone)
  return [...times].sort((a, b) => a - b).map((ms) => read(new Date(ms).toISOString().slice(0, 19).replace('T', ' ')))
}

test.each(zones)('local times of %s are the instants of the replay, through every change of the year', async (zone) => {
  const times = timesAbout(zone, year)
  expect(await inSql(zone, { times, days: year })).toEqual(byReplay(zone, times))
})

test('a day that never was (Samoa, 30 December 2011), and days years apart', async () => {
  const days = [
    Date.UTC(1999, 5, 1),
    Date.UTC(2011, 11, 29),
    Date.UTC(2011, 11, 30),
    Date.UTC(2011, 11, 31),
    year[0] ?? 0,
  ]
  const times = days.flatMap((day) => Array.from({ length: 96 }, (_, index) => day + index * 900_000))
  expect(await inSql('Pacific/Apia', { times, days })).toEqual(byReplay('Pacific/Apia', times))
})

test('no day at all is one stretch', () => {
  expect(stretchesOf('Europe/London', [])).toHaveLength(1)
})
