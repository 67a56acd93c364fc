import { readOps } from '../../src/live/ops'
import { openStage, qualityMinute, settingsOf, type Stage, storeMinute } from '../report/seed'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const day = '2026-06-10'
const read = () => stage.warehouse.transaction((session) => readOps(session, settingsOf()))

test('before the first delivery there is nothing, and it says so', async () => {
  await stage.given({})
  expect(await read()).toMatchObject({
    pulseAt: null,
    partitions: [],
    days: { batched: 0, due: 0, stale: 0, newest: [] },
    quality: null,
    scattered: { count: 0, stores: [] },
  })
})

test('each partition has its position, what it has reached, and what it has closed', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1))
    await put(
      'quality_1m',
      qualityMinute(`${day}T08:00Z`, 'S1', 1),
      qualityMinute(`${day}T08:10Z`, 'S1', 1, { closed: false }),
      qualityMinute(`${day}T08:05Z`, 'S2', 1, { closed: false, partition_id: 1 }),
    )
    const sink = { stream: 'retail', rules: 'r' }
    await put(
      'sink_position',
      { ...sink, partition_id: 0, sequence: 41, updated_at: `${day}T08:12:30Z` },
      { ...sink, partition_id: 1, sequence: 40, updated_at: `${day}T08:12:00Z` },
      { ...sink, partition_id: 2, sequence: -1, updated_at: `${day}T08:12:40Z` },
    )
  })
  expect(await read()).toMatchObject({
    asOf: `${day}T08:12:00.000Z`,
    pulseAt: `${day}T08:12:40.000Z`,
    position: 'retail 0:41 · retail 1:40 · retail 2:-1',
    partitions: [
      { partition: 0, sequence: 41, reachedAt: `${day}T08:11:00.000Z`, closedUntil: `${day}T08:01:00.000Z` },
      { partition: 1, sequence: 40, reachedAt: `${day}T08:06:00.000Z`, closedUntil: null },
      { partition: 2, sequence: -1, reachedAt: null, closedUntil: null },
    ],
  })
})

test('days are batched, due or stale', async () => {
  await stage.given({})
  await stage.warehouse.query(
    `INSERT INTO daily_batch
       (date, newest, run, batched_at, read_up_to, alerts, bronze_version, events, duplicates, rows_written, stale)
     VALUES ('2026-06-01', '{"0": 5}', 1, '2026-06-01T23:59Z', '{"0": 5}', '', 1, 12, 3, 1, false),
       ('2026-06-02', '{"0": 5, "1": 0}', 1, '2026-06-02T23:59Z', '{"0": 9}', '', 1, 1, 0, 1, false),
       ('2026-06-03', '{}', 1, '2026-06-03T23:59Z', '{}', '', 1, 1, 0, 1, true),
       ('2026-06-04', '{"0": 5}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false)`,
  )
  const { days } = await read()
  expect(days).toMatchObject({ batched: 1, due: 2, stale: 1 })
  expect(days.newest.map(({ date, state }) => `${date} ${state}`)).toEqual([
    '2026-06-04 due',
    '2026-06-03 stale',
    '2026-06-02 due',
    '2026-06-01 batched',
  ])
  expect(days.newest.at(0)).toMatchObject({ batchedAt: null, events: null, duplicates: null })
  expect(days.newest.at(-1)).toMatchObject({ batchedAt: '2026-06-01T23:59:00.000Z', events: 12, duplicates: 3 })
})

test('quality is of the last 24 hours, by hour and by reason', async () => {
  const late = { late: 2, late_seconds: 31, max_late_seconds: 21 }
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1))
    await put(
      'quality_1m',
      qualityMinute('2026-06-09T08:12Z', 'S1', 1000),
      qualityMinute('2026-06-09T08:13Z', 'S1', 4, { received: 5, duplicates: 1, conflicting: 1 }),
      qualityMinute(`${day}T08:12Z`, 'S1', 3, late),
      qualityMinute(`${day}T08:12Z`, 'unknown', 0, { reason: 'schema', received: 2, rejected: 2 }),
      qualityMinute(`${day}T07:12Z`, 'unknown', 0, { reason: 'json', received: 3, rejected: 3 }),
    )
  })
  await stage.delivered(`${day}T08:12:30Z`)
  const { quality } = await read()
  expect(quality).toMatchObject({
    from: '2026-06-09T08:13:00.000Z',
    until: `${day}T08:13:00.000Z`,
    ...{ received: 13, valid: 7, rejected: 5, duplicates: 1, conflicting: 1, late: 2 },
    ...{ qualityPct: 53.85, lateSecondsMean: 16, lateSecondsMax: 21 },
    rejections: [
      { reason: 'json', events: 3 },
      { reason: 'schema', events: 2 },
    ],
  })
  expect(quality?.hours.received).toEqual([5, ...new Array<number>(21).fill(0), 3, 5])
  expect(quality?.hours.late.at(-1)).toBe(2)
})

test('lists have an end, whatever there is', async () => {
  await stage.given({}, async (put) => {
    await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 1, 1))
    const reasons = Array.from({ length: 20 }, (_, at) => ({ reason: `r${at}`, received: 1, rejected: 1 }))
    await put('quality_1m', ...reasons.map((more) => qualityMinute(`${day}T08:00Z`, 'unknown', 0, more)))
  })
  await stage.warehouse.query(
    `INSERT INTO quality_1m (window_start, store_id, reason, received, valid, rejected, duplicates, late, late_seconds,
       max_late_seconds, closed, partition_id, sequence)
     SELECT '${day}T08:00Z', 'S' || s, 'none', 1, 1, 0, 0, 0, 0, 0, true, p, 1
     FROM generate_series(1, 30) AS s, generate_series(0, 1) AS p`,
  )
  await stage.warehouse.query(
    `INSERT INTO sink_position SELECT 'retail', p, 1, '${day}T08:01Z' FROM generate_series(0, 149) AS p`,
  )
  await stage.warehouse.query(
    `INSERT INTO daily_batch (date) SELECT '2026-01-01'::date + d FROM generate_series(0, 99) AS d`,
  )
  const { partitions, position, days, quality, scattered } = await read()
  expect([partitions.length, position.split(' · ').length, days.newest.length]).toEqual([100, 32, 31])
  expect([quality?.rejections.length, scattered.count, scattered.stores.length]).toEqual([12, 30, 20])
  expect(days).toMatchObject({ due: 100, batched: 0, stale: 0 })
})
