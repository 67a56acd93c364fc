import { dayMs } from '../../../src/day'
import { append } from '../../../src/lake/write/append'
import { readRows } from '../../../src/lake/scan'
import { refresh } from '../../../src/lake/table'
import { dailyPorts, type DailyPorts } from '../../../src/pipeline/daily/ports'
import { beginRun, replaceFiles } from '../../../src/pipeline/daily/mark'
import { runDays, runDue } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { type Ports } from '../../../src/pipeline/ports'
import { goldDailySales } from '../../../src/pipeline/daily/tables'
import { goldStockout } from '../../../src/pipeline/rows/tables'
import { upkeep } from '../../../src/pipeline/upkeep'
import { type Session } from '../../../src/warehouse/connection'
import { memoryStore } from '../../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { goldIn, goldOf } from './gold'
import { emptyWarehouse, id, messages, openPlant, rules, sale, thresholds } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const dayMinutes = 1440
/** Twenty past midnight after the newest day there is. */
const nightMs = Date.UTC(2026, 2, 2, 0, 20)
const [friday, saturday, sunday] = ['2026-02-27', '2026-02-28', '2026-03-01'] as const

let ids = 0
/** A sale so many days before Sunday. */
const soldBefore = (days: number, cells: Parameters<typeof sale>[1] = {}) =>
  sale(-days * dayMinutes, { eventId: id(++ids), ...cells })

interface Stage {
  readonly ports: Ports & { readonly lines: string[] }
  /** Sends events to a partition, behind those it has. */
  readonly send: (partition: number, ...bodies: readonly unknown[]) => Promise<void>
  /** Makes what is due and names it. */
  readonly due: (changes?: Partial<DailyPorts> & { readonly most?: number }) => Promise<readonly string[]>
}

async function stage(): Promise<Stage> {
  // A plant that raises no alerts of its own.
  const silent = { ...rules, stockoutAfterMs: 30 * dayMs }
  const ports = await openPlant(memoryStore(), { warehouse: server.warehouse, rules: silent })
  const sent = new Map<number, number>()
  return {
    ports,
    send: async (partition, ...bodies) => {
      const from = sent.get(partition) ?? 0
      sent.set(partition, from + bodies.length)
      const moved = messages(...bodies).map((message) => ({ ...message, sequence: message.sequence + from }))
      await openIngest(ports).take(partition, moved)
    },
    due: async ({ most, ...changes } = {}) => {
      const daily = { ...dailyPorts(ports, thresholds), clock: () => nightMs, ...changes }
      const { days } = await runDue(daily, most === undefined ? {} : { most })
      return days.map(({ date }) => date)
    },
  }
}

const salesColumns = 'date store_id product_id total_qty'

test('every day before today that has events is made once, oldest first, and today is not', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(0), soldBefore(2))
  await send(1, soldBefore(1, { store: 's2' }))
  expect(await due({ clock: () => nightMs - dayMs })).toEqual([friday, saturday])
  expect(await due({ clock: () => nightMs - dayMs })).toEqual([])
  expect(await due()).toEqual([sunday])
  expect(await due()).toEqual([])
  expect(await goldOf(ports, 'gold_daily_sales', salesColumns)).toEqual([
    `${friday} s1 p1 1`,
    `${saturday} s2 p1 1`,
    `${sunday} s1 p1 1`,
  ])
})

test('a late event makes its day due again, and no other', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(0), soldBefore(1), soldBefore(2))
  await send(1, soldBefore(0, { store: 's2' }))
  await due()
  await send(1, soldBefore(1, { store: 's2', quantity: 4 }))
  expect(await due()).toEqual([saturday])
  expect(await goldOf(ports, 'gold_daily_sales', salesColumns)).toContain(`${saturday} s2 p1 4`)
  expect(await due()).toEqual([])
})

test('a day made by hand is not due, unless it has got events since', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(1), soldBefore(2))
  await runDays(dailyPorts(ports, thresholds), [saturday, '2020-01-01'])
  await send(0, soldBefore(2))
  expect(await due()).toEqual([friday])
  await send(0, soldBefore(1))
  expect(await due()).toEqual([saturday])
})

test('a run makes no more days than it is told to and says what is left; the next goes on', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(2), soldBefore(1), soldBefore(0))
  expect(await due({ most: 2 })).toEqual([friday, saturday])
  expect(ports.lines).toContain('warn daily batch: 3 days are due, 1 of them wait for the next run')
  expect(await due({ most: 2 })).toEqual([sunday])
})

test('compaction makes nothing due, and late events in a compacted file do', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(2), soldBefore(1), soldBefore(0))
  await send(1, ...[1, 2, 3, 4, 5, 6].map(() => soldBefore(0, { store: 's2' })))
  await due()
  const settings = { checkpointEveryCommits: 1 }
  await upkeep(ports, { nowMs: Date.now() + 2 * dayMs, settings })
  expect((await refresh(ports.tables.bronze)).files.size).toBe(1)
  expect(await due()).toEqual([])
  await send(0, soldBefore(1))
  await upkeep(ports, { nowMs: Date.now() + 2 * dayMs, settings })
  expect((await refresh(ports.tables.bronze)).files.size).toBe(1)
  expect(await due()).toEqual([saturday])
})

test('bronze whose log has forgotten the last scan is looked through again, to the same effect', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(1), soldBefore(0))
  await due()
  await server.warehouse.query('UPDATE daily_batch_scan SET bronze_version = 1000')
  await send(0, soldBefore(1))
  expect(await due()).toEqual([saturday])
  expect(ports.lines.join('\n')).toContain('warn daily batch: looks through all of bronze, version 1000 cannot be read')
})

test('a day whose stock-out alerts have changed is due, and so are later ones when one stays open', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(2), soldBefore(1), soldBefore(0))
  await due()
  const alerts = ports.tables.derived.get(goldStockout.name)
  if (!alerts) throw new Error('expected the alerts')
  const openedMs = Date.parse(`${saturday}T12:00:00Z`)
  const opened = {
    date: saturday,
    store_id: 's1',
    product_id: 'p1',
    change: 'opened',
    last_sale_at: openedMs - dayMs,
    opened_at: openedMs,
    resolved_at: null,
    partition_id: 0,
    sequence: 0,
    item: 0,
  }
  await append(alerts, { rows: [opened], operation: 'WRITE' })
  expect(await due()).toEqual([saturday, sunday])
  const resolved = { ...opened, change: 'resolved', resolved_at: openedMs + dayMs }
  await append(alerts, { rows: [resolved], operation: 'WRITE' })
  expect(await due()).toEqual([sunday])
  expect(await goldOf(ports, 'gold_stockout_daily', 'date hours_out')).toEqual([`${saturday} 1200`, `${sunday} 1200`])
})

/** A database that breaks at the first statement with this text, and the transaction with it. */
function breakingAt(text: string): DailyPorts['warehouse'] {
  const { warehouse } = server
  return {
    ...warehouse,
    transaction: (work) =>
      warehouse.transaction((session) => {
        const query: Session['query'] = (statement, parameters) => {
          if (statement.includes(text)) throw new Error('the database has gone')
          return session.query(statement, parameters)
        }
        return work({ query })
      }),
  }
}

test.each([
  'INSERT INTO daily_batch AS t',
  'INTO "gold_daily_sales"',
  'INTO "gold_daily_payments"',
  '"gold_customers"',
])('a run that stops between the lake and PostgreSQL, at %s, is made good by the next', async (statement) => {
  const { ports, send, due } = await stage()
  const paid = { type: 'payment', orderId: 'o', amount: 1, method: 'card', status: 'succeeded' }
  const customer = { customerId: 'c1' }
  await send(0, { ...soldBefore(1), ...customer }, { ...soldBefore(1), ...paid }, soldBefore(0))
  await due()
  await send(0, { ...soldBefore(1, { quantity: 7 }), ...customer })
  const stopped = due({ warehouse: breakingAt(statement) })
  await expect(stopped).rejects.toThrow(`daily batch: ${saturday} failed, the next run tries again`)
  const { delta, postgres } = await goldIn(ports, 'gold_daily_sales', salesColumns)
  expect(delta).toContain(`${saturday} s1 p1 8`)
  expect(postgres).toContain(`${saturday} s1 p1 1`)
  expect(await due()).toEqual([saturday])
  expect(await goldOf(ports, 'gold_daily_sales', salesColumns)).toContain(`${saturday} s1 p1 8`)
  expect(await due()).toEqual([])
})

test('a run by hand that stops halfway is made good too, though no event has come', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(1), soldBefore(1, { product: 'p2' }), soldBefore(0))
  await due()
  const broken = { ...dailyPorts(ports, { ...thresholds, topProducts: 1 }), warehouse: breakingAt('INTO daily_batch') }
  await expect(runDays(broken, [saturday])).rejects.toThrow('the database has gone')
  const { delta, postgres } = await goldIn(ports, 'gold_top_products', 'date store_id kind rank')
  expect(postgres).not.toEqual(delta)
  expect(await due()).toEqual([saturday])
  expect(await goldOf(ports, 'gold_top_products', 'date store_id kind rank')).toEqual(postgres)
})

test('a database that was lost has every day due', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(2), soldBefore(0))
  await due()
  const before = await goldOf(ports, 'gold_daily_store', 'date store_id total_revenue')
  await emptyWarehouse(server.warehouse)
  expect(await due()).toEqual([friday, sunday])
  expect(await goldOf(ports, 'gold_daily_store', 'date store_id total_revenue')).toEqual(before)
})

test('a day that fails keeps no other waiting, and stays due', async () => {
  const { ports, send, due } = await stage()
  await send(0, soldBefore(2))
  await send(0, soldBefore(1))
  const bronze = ports.tables.bronze
  const [lost] = [...(await refresh(bronze)).files.values()].filter(({ stats }) => stats?.includes(friday))
  if (!lost) throw new Error('expected a file of Friday')
  const store = {
    ...bronze.store,
    read: (path: string, range?: { readonly start: number; readonly end: number }) =>
      path.endsWith(lost.path) ? Promise.resolve(undefined) : bronze.store.read(path, range),
  }
  await expect(due({ bronze: { ...bronze, store } })).rejects.toThrow(`daily batch: ${friday} failed`)
  expect(await goldOf(ports, 'gold_daily_sales', 'date')).toEqual([saturday])
  expect(await due()).toEqual([friday])
})

test('two runs of what is due at once make each day once', async () => {
  const { send, due } = await stage()
  await send(0, soldBefore(2), soldBefore(1), soldBefore(0))
  const both = await Promise.all([due(), due()])
  expect(both.flat().sort()).toEqual([friday, saturday, sunday])
})

test('a run that was overtaken cannot put its rows in the place of the later ones', async () => {
  const { ports, send } = await stage()
  await send(0, soldBefore(0))
  const daily = dailyPorts(ports, thresholds)
  const run = await beginRun(daily, sunday)
  await runDays(daily, [sunday])
  const table = ports.tables.daily.get(goldDailySales.name)
  if (!table) throw new Error('expected the table')
  await expect(replaceFiles(table, { adds: [], isOld: () => true, date: sunday, run })).rejects.toThrow(
    `daily batch ${sunday}: run ${run} lost its lock, and a later one has written gold/daily_sales`,
  )
  const rows = []
  for await (const chunk of readRows(table, await refresh(table))) rows.push(...chunk)
  expect(rows).toHaveLength(1)
})
