import { openStage, type Stage, storeMinute } from './seed'

/* A running day beside the same weekday a week before. */

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const day = '2026-06-10'

describe('a running day beside the same weekday', () => {
  const london = { zone: 'Europe/London', dayStart: '00:00' }

  test('is compared up to the minute of the last delivery, though nobody has bought since', async () => {
    await stage.given({}, async (put) => {
      await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1))
      await put(
        'store_1m',
        ...['08:00', '13:59', '14:03', '14:04'].map((time) => storeMinute(`2026-06-03T${time}Z`, 'S1', 1, 1)),
      )
    })
    await stage.delivered(`${day}T14:03:07Z`)
    expect((await stage.report()).before).toMatchObject({ untilTime: '14:03', totals: { netSalesMinor: 300 } })
  })

  test('of replayed history, is compared up to its newest minute', async () => {
    await stage.given({}, async (put) => {
      await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1))
      await put('store_1m', ...['08:00', '08:01'].map((time) => storeMinute(`2026-06-03T${time}Z`, 'S1', 1, 1)))
    })
    await stage.delivered('2026-11-29T14:03:07Z')
    expect(await stage.report()).toMatchObject({
      isRunning: true,
      before: { untilTime: '08:01', totals: { netSalesMinor: 100 } },
    })
  })

  test('is compared whole once it is over, before the batch has made it', async () => {
    await stage.given({}, async (put) => {
      await put('store_1m', storeMinute(`${day}T08:00Z`, 'S1', 5, 1), storeMinute('2026-06-03T22:00Z', 'S1', 1, 1))
    })
    await stage.delivered('2026-06-11T00:05:00Z')
    expect(await stage.report()).toMatchObject({
      isRunning: false,
      before: { untilTime: null, totals: { netSalesMinor: 100 } },
    })
  })

  test.each([
    [
      'after a day of 23 hours',
      '2026-04-05',
      '2026-04-05T12:00Z',
      '2026-03-29',
      ['2026-03-29T00:59Z', '2026-03-29T11:59Z'],
      ['2026-03-29T12:00Z'],
    ],
    [
      'on a day of 23 hours',
      '2026-03-29',
      '2026-03-29T12:00Z',
      '2026-03-22',
      ['2026-03-22T00:00Z', '2026-03-22T12:59Z'],
      ['2026-03-22T13:00Z'],
    ],
    [
      'after a day of 25 hours',
      '2026-11-01',
      '2026-11-01T12:00Z',
      '2026-10-25',
      ['2026-10-24T23:00Z', '2026-10-25T01:30Z', '2026-10-25T11:59Z'],
      ['2026-10-25T12:00Z'],
    ],
    [
      'on a day of 25 hours',
      '2026-10-25',
      '2026-10-25T12:00Z',
      '2026-10-18',
      ['2026-10-17T23:00Z', '2026-10-18T10:59Z'],
      ['2026-10-18T11:00Z'],
    ],
  ])('by the clock on the wall: %s', async (_, date, sale, weekBefore, counted, left) => {
    await stage.given(london, async (put) => {
      await put('store_1m', storeMinute(sale.replace('12:00Z', '10:00Z'), 'S1', 5, 1))
      await put('store_1m', ...[...counted, ...left].map((at) => storeMinute(at, 'S1', 1, 1)))
    })
    await stage.delivered(sale)
    const { before } = await stage.report(date, london)
    expect({ date: before.date, sales: before.totals?.netSalesMinor }).toEqual({
      date: weekBefore,
      sales: 100 * counted.length,
    })
  })
})
