import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventOf, type Fields, voidOf } from '../../../generator/csv/receipt'
import { parseCsvMap } from '../../../generator/csv/map'
import { readReceipts } from '../../../generator/csv/source'
import { openEventSender } from '../../../src/azure/event-sender'
import { lastLine, makePlace, type Place, run } from '../../local/stack'
import { csvFolder } from './files'

/* `npm run replay` as a person runs it: compiled, in a process of its own, and no terminal to ask. */

const { folder, file, remove } = csvFolder()
afterAll(remove)

let place: Place
beforeEach(async () => {
  place = await makePlace()
})
afterEach(() => place.remove())

const sample = join(__dirname, '..', '..', '..', 'generator', 'samples', 'shopify-orders.csv')
const replay = (...flags: readonly string[]) => run('tools/replay', place, ...flags).ended
/** No database was made, which is the first thing a stack does. */
const wasStarted = () => existsSync(join(place.data, 'postgres'))

test('a proposed map is shown and, with nobody to ask, nothing is sent', async () => {
  const { code, stderr, stdout } = await replay('--csv', sample, '--json')
  expect(code).toBe(1)
  expect(stderr).toContain('shopify-orders.csv: Shopify, orders export')
  expect(stderr).toContain('say --yes if this is right')
  expect(lastLine(stdout)).toMatchObject({ ok: false, error: expect.stringContaining('--save-map') as string })
  expect(wasStarted()).toBe(false)
})

test('a dry run says what the days come to and starts nothing; the map it proposes can be kept and given', async () => {
  const kept = join(folder, 'kept.json')
  const proposed = await replay('--csv', sample, '--dry-run', '--save-map', kept, '--json')
  const days = [
    { date: '2026-03-02', orders: 3, pieces: 8, netMinor: 166_20 },
    { date: '2026-03-03', orders: 2, pieces: 8, netMinor: 97_00 },
    { date: '2026-03-04', orders: 3, pieces: 23, netMinor: 324_00 },
    { date: '2026-03-05', orders: 2, pieces: 4, netMinor: 76_00 },
  ]
  expect(lastLine(proposed.stdout)).toMatchObject({ ok: true, dryRun: true, events: 10, rejected: 0, days })
  const given = await replay('--csv', sample, '--map', kept, '--dry-run')
  expect(given).toMatchObject({ code: 0, stderr: '' })
  expect(given.stdout).toContain('2026-03-04      3      23      329.00      5.00      0.00      324.00')
  expect(wasStarted()).toBe(false)
})

test('docs/replay.md and README show what is printed, and name flags that exist', async () => {
  const page = async (name: string) => readFile(join(__dirname, '..', '..', '..', name), 'utf8')
  const [manual, readme, { stdout, stderr }, help] = await Promise.all([
    page('docs/replay.md'),
    page('README.md'),
    replay('--csv', sample, '--dry-run'),
    replay('--help'),
  ])
  const indented = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`))
  expect(manual).toContain(indented(stdout).join('\n'))
  // What is left out in the manual is the like of what is there.
  const shown = manual.slice(
    manual.indexOf('    shopify-orders.csv: Shopify'),
    manual.indexOf('    Send it like this?'),
  )
  expect(shown.split('\n').filter((line) => !line.includes('…') && !indented(stderr).includes(line))).toEqual([])
  for (const [, date, orders, net] of stdout.matchAll(/^(2026-\S+) +(\d+) .* ([\d.]+) +[\d.]+$/gm)) {
    expect(readme).toContain(`│ ${date} │ ${orders?.padStart(6)} │ ${net?.padStart(9)} │`)
  }
  const flags = [...manual.matchAll(/`(--[a-z-]+)/g)].map(([, flag]) => flag ?? '')
  expect(flags.length).toBeGreaterThan(5)
  expect(flags.filter((flag) => !help.stdout.includes(`${flag} `))).toEqual([])
})

test('a dry run tells rejects by kind and fails with them', async () => {
  const csv = file(
    'rejects.csv',
    'Order,Date,Item,Qty,Price',
    '1,2026-03-13,A,1,5.00',
    '2,2026-03-13,A,1,',
    '3,2026-03-13,B,1,',
  )
  const { code, stdout } = await replay('--csv', csv, '--dry-run', '--json')
  expect(code).toBe(1)
  expect(lastLine(stdout)).toMatchObject({
    accepted: 1,
    rejected: 2,
    rejects: [{ reason: 'schema', events: 2, rows: 2 }],
  })
  expect((await replay('--csv', csv, '--dry-run', '--allow-rejects')).code).toBe(0)
})

test('a map that cannot be right is told before anything is started', async () => {
  const map = join(folder, 'wrong.json')
  await writeFile(map, JSON.stringify({ ...monday, time: { format: 'dd.MM.yyyy', zone: 'UTC' } }))
  const csv = file('times.csv', 'Receipt,When,Item,Qty,Price', 'M1,2026-03-02 09:30,CUP,1,2.00')
  const { code, stderr } = await replay('--csv', csv, '--map', map)
  expect(code).toBe(1)
  expect(stderr).toContain('the map does not fit')
  expect(stderr).toContain('"2026-03-02 09:30"')
  expect(wasStarted()).toBe(false)
})

/** Case a13: an order in two exports, edited between. */
const monday = {
  source: 'a13',
  currency: 'GBP',
  columns: { orderId: 'Receipt', eventTime: 'When', productId: 'Item', quantity: 'Qty', unitPrice: 'Price' },
  constants: { paymentMethod: 'cash', storeId: 'shop-a13' },
  time: { format: 'yyyy-MM-dd HH:mm', zone: 'UTC' },
}

async function asked(sql: string): Promise<unknown> {
  return lastLine((await run('tools/query', place, sql, '--json').ended).stdout).rows
}

/** Puts events into the hub of the place, as a replay that is cut off behind them. */
async function sendAlone(events: readonly { readonly key: string; readonly body: Uint8Array }[]): Promise<void> {
  const settings = JSON.parse(await readFile(place.settings, 'utf8')) as { Values: Record<string, string> }
  const sender = openEventSender({
    connection: { connectionString: settings.Values.EventHubConnection ?? '' },
    hubName: settings.Values.EVENT_HUB_NAME ?? '',
  })
  try {
    await sender.send(events)
  } finally {
    await sender.close()
  }
}

test('G2: an order edited between two exports counts once, as it is now, though the replay was cut off and run again', async () => {
  const map = join(folder, 'a13.json')
  await writeFile(map, JSON.stringify(monday))
  const header = 'Receipt,When,Item,Qty,Price'
  const first = file(
    'monday.csv',
    header,
    'M1,2026-03-02 09:30,CUP,1,2.00',
    'M2,2026-03-02 10:30,CUP,1,2.00',
    'M3,2026-03-02 11:30,CUP,2,2.00',
  )
  const second = file(
    'tuesday.csv',
    header,
    'M2,2026-03-02 10:30,CUP,1,2.00',
    'M3,2026-03-02 11:30,CUP,1,2.00',
    'M4,2026-03-03 09:00,CUP,1,2.00',
  )

  const stack = run('local/start', place, '--no-generator')
  await stack.said('health')
  const of = async (csv: string, ...flags: readonly string[]) =>
    lastLine((await replay('--csv', csv, '--map', map, '--json', ...flags)).stdout)
  expect(await of(first, '--no-settle')).toMatchObject({ ok: true, events: 3, accepted: 3, unchanged: 0 })
  // Killed after taking M3 back, before telling it anew.
  for await (const receipt of readReceipts({ files: [first], map: parseCsvMap(monday, 'a13') })) {
    if (receipt.content['orderId'] !== 'M3') continue
    await sendAlone([voidOf(JSON.parse(Buffer.from(eventOf(receipt).body).toString()) as Fields)])
  }
  expect(await of(second, '--no-settle')).toMatchObject({ ok: true, events: 2, accepted: 2, edited: 1, unchanged: 1 })
  expect(await of(second)).toMatchObject({ ok: true, events: 0, accepted: 0, edited: 0, unchanged: 3 })
  stack.process.kill('SIGINT')
  await stack.ended

  const batch = await run('tools/batch', place, '--date', '2026-03-02..2026-03-03').ended
  expect(batch).toMatchObject({ code: 0 })
  const figures = 'orders, units_sold, units_returned, total_revenue'
  const days = [
    { date: '2026-03-02', orders: 3, units_sold: 3, units_returned: 0, total_revenue: '6.00' },
    { date: '2026-03-03', orders: 1, units_sold: 1, units_returned: 0, total_revenue: '2.00' },
  ]
  expect(await asked(`SELECT date::VARCHAR AS date, ${figures} FROM gold_daily_store ORDER BY 1`)).toEqual(days)
  const sums = ['orders', 'units_sold', 'units_returned', 'total_revenue'].map((name) => `sum(${name}) AS ${name}`)
  expect(
    await asked(`SELECT window_start::DATE::VARCHAR AS date, ${sums.join(', ')} FROM store_1m GROUP BY 1 ORDER BY 1`),
  ).toEqual(days)
  // A stack of its own, four replays and a batch.
}, 300_000)
