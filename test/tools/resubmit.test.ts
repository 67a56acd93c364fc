import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makePlace, type Place } from '../../local/stack/place'
import { type ResubmitReport, show } from '../../tools/resubmit/show'
import { lastLine, run, type Running } from '../local/stack'

/* `npm run resubmit` as a person runs it, compiled, against the real stack; and its words. */

describe('beside a stack', () => {
  let place: Place
  beforeEach(async () => {
    place = await makePlace({ values: { IDLE_AFTER_SECONDS: '2', MAX_BEHIND_DAYS: '400', MAX_EVENT_BYTES: '1024' } })
  })
  let running: Running | undefined
  afterEach(async () => {
    // Still there where an expectation failed.
    running?.process.kill('SIGKILL')
    await running?.ended
    await place.remove()
  })

  async function start(): Promise<void> {
    running = run('local/start', place, '--no-generator', '--no-pulse')
    await running.said('health')
  }

  async function end(): Promise<void> {
    running?.process.kill('SIGINT')
    await running?.ended
    running = undefined
  }

  async function set(changes: Readonly<Record<string, string>>): Promise<void> {
    const settings = JSON.parse(await readFile(place.settings, 'utf8')) as { Values: Record<string, string> }
    await writeFile(place.settings, JSON.stringify({ ...settings, Values: { ...settings.Values, ...changes } }))
  }

  /** Whole hours before now, as a till writes them. */
  const hoursAgo = (hours: number) => new Date(Math.floor(Date.now() / 3_600_000 - hours) * 3_600_000).toISOString()
  const sale = (order: string, eventTime: string, rest = {}) => ({
    eventId: order.padStart(26, '0'),
    type: 'sale',
    eventTime,
    storeId: `shop-${order}`,
    orderId: order,
    paymentMethod: 'cash',
    lines: [{ productId: 'CUP', quantity: 1, unitPrice: 2.5 }],
    ...rest,
  })

  const resubmit = async (...flags: readonly string[]) => {
    const { code, stdout, stderr } = await run('tools/resubmit', place, '--json', ...flags).ended
    return { code, stderr, ...lastLine(stdout) }
  }

  test('G2: what settings of before rejected counts once after they were changed, however often it is asked for', async () => {
    const old = hoursAgo(24 * 500)
    const events = join(dirname(place.settings), 'events.ndjson')
    const sales = [
      sale('1', hoursAgo(2)),
      sale('2', old),
      sale('3', hoursAgo(2), { lines: Array.from({ length: 30 }, () => sale('', '').lines[0]) }),
      sale('4', hoursAgo(2), { currency: 'EUR' }),
    ]
    await writeFile(events, sales.map((each) => `${JSON.stringify(each)}\n`).join(''))

    await start()
    const came = await run('tools/replay', place, '--ndjson', events, '--no-settle', '--json').ended
    expect(lastLine(came.stdout)).toMatchObject({ accepted: 1, rejected: 3 })
    await set({ MAX_BEHIND_DAYS: 'off', MAX_EVENT_BYTES: '262144' })
    // The app that runs has the settings it was started with.
    expect(await resubmit()).toMatchObject({ code: 1, ok: false, looked: 3, passes: 2, sent: 1, refused: 1 })
    await end()

    expect(await resubmit('--dry-run')).toMatchObject({
      code: 0,
      looked: 4,
      passes: 3,
      sent: 2,
      already: 0,
      repeated: 1,
    })
    await start()
    const left = { stillRejected: { currency: 1 }, ok: true, refused: 0, stopped: false, code: 0 }
    expect(await resubmit('--reason', 'past')).toMatchObject({ ok: true, looked: 2, passes: 2, sent: 1, repeated: 1 })
    expect(await resubmit()).toMatchObject({ ...left, looked: 4, passes: 3, sent: 1, already: 1 })
    expect(await resubmit()).toMatchObject({ ...left, looked: 4, passes: 3, sent: 0, already: 2, repeated: 1 })
    expect(await resubmit('--from', '2100-01-01')).toMatchObject({ ok: true, looked: 0, stillRejected: {}, code: 0 })
    await end()

    const rows = async (sql: string) =>
      lastLine((await run('tools/query', place, sql, '--json').ended).stdout).rows as readonly Record<string, unknown>[]
    const bronze = await rows(
      "SELECT coalesce(reject_reason, store_id) AS verdict, count(*)::INTEGER AS events FROM bronze_events WHERE type IS DISTINCT FROM 'pulse' GROUP BY 1 ORDER BY 1",
    )
    expect(bronze).toEqual([
      { verdict: 'currency', events: 1 },
      { verdict: 'past', events: 2 },
      { verdict: 'shop-1', events: 1 },
      { verdict: 'shop-2', events: 1 },
      { verdict: 'shop-3', events: 1 },
      { verdict: 'too-large', events: 1 },
    ])
    expect((await run('tools/batch', place, '--date', old.slice(0, 10)).ended).code).toBe(0)
    expect(await rows('SELECT store_id, orders, total_revenue FROM gold_daily_store')).toEqual([
      { store_id: 'shop-2', orders: 1, total_revenue: '2.50' },
    ])
    // Two stacks of its own, a replay, six resubmissions, a batch and two queries.
  }, 300_000)
})

const report: ResubmitReport = {
  ok: true,
  dryRun: false,
  looked: 0,
  passes: 0,
  sent: 0,
  already: 0,
  repeated: 0,
  heartbeats: 0,
  refused: 0,
  stillRejected: {},
  examples: {},
  stopped: false,
}

test('the report says what was sent and what is left, no line wider than 80 columns', () => {
  const detail = `lines/0/kind: expected ${'one of many kinds, '.repeat(8)}got "gift"`
  const text = show({
    ...report,
    looked: 1234,
    passes: 1200,
    sent: 1150,
    already: 40,
    repeated: 10,
    heartbeats: 1,
    stillRejected: { schema: 30, past: 3 },
    examples: {
      schema: { detail, body: `{"eventId":"\u001b[31m${'x'.repeat(300)}"}` },
      past: { detail: 'eventTime: expected at most 400 days', body: 'x' },
    },
  })
  const lines = text.split('\n')
  expect(lines.slice(0, 4)).toEqual([
    'looked at 1,234 rejects: 1,200 events of them pass now',
    'sent 1,150, 40 in bronze as accepted already, 10 rejected more than once',
    '1 heartbeat left out: each tells its own moment',
    'still rejected as schema: 30',
  ])
  expect(text).toContain('past and future: as if the hub took the event now')
  expect(text).toContain('first: {"eventId":"\\x1b[31mxxx')
  expect(text).toContain('npm run batch')
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80)
})

test('the report says why nothing was sent, or not all', () => {
  expect(show(report)).toBe('no such rejects in bronze: nothing to send')
  const few = { ...report, looked: 1, passes: 1 }
  expect(show({ ...few, dryRun: true, sent: 1 }).split('\n')).toEqual([
    'looked at 1 reject: 1 event of them passes now',
    'would send 1',
    'nothing was sent',
  ])
  expect(show({ ...few, stopped: true })).toContain('✗ stopped; run it again')
  const refused = show({ ...few, sent: 1, refused: 1 })
  expect(refused).toContain('✗ 1 of them rejected again')
  expect(refused).not.toContain('npm run batch')
})
