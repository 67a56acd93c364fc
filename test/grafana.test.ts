import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inputs } from '../infra/config'
import { settings } from '../src/config/settings'
import { mixMinute, openStage, qualityMinute, type Stage, salesMinute, storeMinute } from './report/seed'

/* Every query of docs/grafana/tillstream.json runs against the real schema, and gives its panel what that asks for. */

interface Target {
  readonly rawSql: string
  readonly format: 'table' | 'time_series'
  readonly datasource: unknown
}

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets: readonly Target[]
}

interface Variable {
  readonly name: string
  readonly query: string
}

const dashboard = JSON.parse(readFileSync(join(__dirname, '..', 'docs', 'grafana', 'tillstream.json'), 'utf8')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}
const { panels } = dashboard
const nowText = '2026-06-10T12:00:30Z'

/**
 * The statement that Grafana sends: its macros (https://grafana.com/docs/grafana/latest/datasources/postgres/#macros), whose
 * arguments hold no `)`, and a variable of several values. The clock stands still.
 */
function sent(sql: string): string {
  const range = [`'2026-06-09T12:00:30Z'`, `'${nowText}'`] as const
  return sql
    .replace(/\$__timeFilter\(([^)]*)\)/g, (_, column: string) => `${column} BETWEEN ${range.join(' AND ')}`)
    .replaceAll('$__timeFrom()', range[0])
    .replaceAll('$__timeTo()', range[1])
    .replace(/\$store\b/g, `'S1','O''Neill'`)
    .replaceAll('now()', `'${nowText}'::timestamptz`)
}

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await stage.given({ dayStart: '04:00' }, async (put) => {
    // 03:59 is of the day before; S2 is not among the stores chosen.
    const minutes = [
      ['2026-06-10T03:59Z', 'S1', 5],
      ['2026-06-10T04:00Z', 'S1', 20],
      ['2026-06-10T09:30Z', "O'Neill", 10],
      ['2026-06-10T09:30Z', 'S2', 99],
    ] as const
    for (const [at, store, revenue] of minutes) {
      await put('store_1m', storeMinute(at, store, revenue, 1))
      await put('sales_1m', salesMinute(at, store, 'CUP', revenue, 2))
      await put('mix_1m', mixMinute(at, store, 'store', revenue, 1))
    }
    await put('quality_1m', qualityMinute('2026-06-10T09:30Z', 'S1', 3, { received: 4, rejected: 1, reason: 'schema' }))
    const shop = { window_start: '2026-06-10T09:30Z', store_id: 'S1', closed: true, partition_id: 0, sequence: 1 }
    const [paid, failed] = [
      { method: 'card', status: 'succeeded', failure_reason: 'none', payments: 3, amount: 30 },
      { method: 'card', status: 'failed', failure_reason: 'declined', payments: 1, amount: 10 },
    ]
    await put('payments_1m', { ...shop, ...paid }, { ...shop, ...failed })
    await put('gold_stockout', {
      store_id: 'S1',
      product_id: 'CUP',
      last_sale_at: '2026-06-10T04:00Z',
      opened_at: '2026-06-10T05:00Z',
      status: 'open',
      partition_id: 0,
      sequence: 1,
    })
  })
  await stage.delivered('2026-06-10T12:00:10Z')
})
afterAll(() => stage.close())

const rowsOf = (sql: string) => stage.warehouse.query(sent(sql))
const targets = panels.flatMap(({ title, targets: all }) => all.map((target) => ({ title, ...target })))

test.each(targets)('$title: runs, in the shape of its format', async ({ rawSql, format }) => {
  const statement = sent(rawSql)
  expect(statement).not.toMatch(/\$/)
  const rows = await stage.warehouse.query(statement)
  expect(rows.length).toBeGreaterThan(0)
  expect('time' in (rows[0] ?? {})).toBe(format === 'time_series')
  if (format !== 'time_series') return
  const types = await stage.warehouse.query(
    `SELECT DISTINCT pg_typeof(time)::text AS type FROM (${statement}) AS panel`,
  )
  expect(types.map(({ type }) => type)).toEqual([expect.stringMatching(/^timestamp/)])
  // Grafana wants them in the order of their times.
  const times = rows.map(({ time }) => Date.parse(String(time)))
  expect(times).toEqual([...times].sort((a, b) => a - b))
})

test('figures are those of the business day and of the stores that are chosen', async () => {
  const of = (wanted: string) => rowsOf(targets.find(({ title }) => title === wanted)?.rawSql ?? '')
  expect((await of('Today')).map((row) => Object.values(row).map(Number))).toEqual([[30, 2, 15]])
  expect((await of('Newest figures')).map(({ age }) => Number(age))).toEqual([20])
  expect((await of('Open stock-outs')).map(({ open }) => Number(open))).toEqual([1])
  const hours = await of('Net sales by hour')
  expect(hours.map((row) => Number(row['net sales']))).toEqual([5, 20, 10])
  expect((await of('Net sales by day and store')).map(({ metric, value }) => [metric, Number(value)])).toEqual([
    ['S1', 5],
    ["O'Neill", 10],
    ['S1', 20],
  ])
  expect((await of('Payments by method')).map((row) => Object.values(row).map(String))).toEqual([
    ['card', '4', '1', '25.0', 'declined'],
  ])
  expect((await of('Top products')).map((row) => Number(row['net sales']))).toEqual([134])
})

test('the variable of stores asks for those there are', async () => {
  const { query = '' } = dashboard.templating.list.find(({ name }) => name === 'store') ?? {}
  expect((await rowsOf(query)).map((row) => row.store_id)).toEqual(["O'Neill", 'S1', 'S2'])
})

test('every panel and variable takes the connection that is chosen, so that the file names none', () => {
  const chosen = { type: 'grafana-postgresql-datasource', uid: '${datasource}' }
  expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', query: chosen.type })
  expect(targets.filter(({ datasource }) => JSON.stringify(datasource) !== JSON.stringify(chosen))).toEqual([])
})

test('panels lie beside each other on the grid of 24 columns, each with a number of its own', () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
})

test('settings that descriptions name exist', () => {
  const named = panels.flatMap(({ description }) => description.match(/\b(?:[A-Z]+_)+[A-Z]+\b/g) ?? [])
  expect(named.filter((name) => !(name in settings) && !(name in inputs))).toEqual([])
  expect(named.length).toBeGreaterThan(0)
})
