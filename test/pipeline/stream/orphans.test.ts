import { openIngest } from '../../../src/pipeline/stream/ingest'
import { configure } from '../../../src/lake/write/configure'
import { checkpointPath, lastCheckpointPath } from '../../../src/lake/log/log-name'
import { compactPartition } from '../../../src/lake/upkeep/compact'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { refresh } from '../../../src/lake/table'
import { append } from '../../../src/lake/write/append'
import { rebuild } from '../../../src/pipeline/rebuild/rebuild'
import { checkNoOrphans } from '../../../src/pipeline/stream/orphans'
import { memoryStore } from '../../lake/store/memory-store'
import { column, forgetfulCheckpoint } from '../../lake/tables'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { emptyWarehouse, everything, messages, openPlant, sale } from '../plant'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())
beforeEach(() => emptyWarehouse(server.warehouse))

const retention = { 'delta.setTransactionRetentionDuration': 'interval 7 days' }
const log = messages(sale(0), sale(12, { product: 'p2' }), sale(47, { store: 's2' }), sale(90), sale(130))

/** A lake that has taken three of the messages, and a table of which somebody's checkpoint has dropped the positions. */
async function dropped(root: string): Promise<Store> {
  const store = memoryStore()
  await openIngest(await openPlant(store, { warehouse: server.warehouse, held: log })).take(0, log.slice(0, 3))
  const table = await openTable({ store, root })
  await configure(table, retention)
  await forgetfulCheckpoint(table, () => true)
  return store
}

async function next(store: Store): Promise<void> {
  const ports = await openPlant(store, { warehouse: server.warehouse, held: log })
  await openIngest(ports).take(0, log.slice(3))
}

async function undisturbed(): Promise<Record<string, string[]>> {
  const store = memoryStore()
  await openIngest(await openPlant(store, { warehouse: server.warehouse, held: log })).take(0, log)
  const found = await everything(store, server.warehouse)
  await emptyWarehouse(server.warehouse)
  return found
}

test.each(['silver/sales_1m', 'gold/stockout', 'bronze/events'])(
  'rows of a partition without its position: %s is refused by name, and nothing is written twice',
  async (root) => {
    const store = await dropped(root)
    const before = await everything(store, server.warehouse)
    await expect(next(store)).rejects.toThrow(
      new RegExp(
        `^${root}: holds rows of partition 0 but no position for it.*delta.setTransactionRetentionDuration, "interval 7 days"`,
      ),
    )
    expect(await everything(store, server.warehouse)).toEqual(before)
  },
)

test('the cure of a silver or gold table is a rebuild, and then every row is there once', async () => {
  const whole = await undisturbed()
  const store = await dropped('gold/stockout')
  await expect(next(store)).rejects.toThrow('unset that property, then run npm run rebuild -- --tables gold_stockout')
  const ports = await openPlant(store, { warehouse: server.warehouse, held: log })
  await rebuild(ports, { tables: ['gold_stockout'] })
  await next(store)
  expect(await everything(store, server.warehouse)).toEqual(whole)
})

test('the cure of bronze is to remove the checkpoint, since the entries before it have the position', async () => {
  const whole = await undisturbed()
  const store = await dropped('bronze/events')
  await expect(next(store)).rejects.toThrow('remove the checkpoint that dropped it')
  const { version } = (await openTable({ store, root: 'bronze/events' })).seen.snapshot
  await store.remove(checkpointPath('bronze/events', version))
  await store.remove(lastCheckpointPath('bronze/events'))
  await next(store)
  expect(await everything(store, server.warehouse)).toEqual(whole)
})

describe('a file of several partitions', () => {
  const root = 'silver/few'
  const schema = { columns: [column('date', 'date'), column('partition_id', 'integer')], partitionBy: ['date'] }

  /** One file with rows of partitions 1, 3 and 5. */
  async function merged() {
    const store = memoryStore()
    const table = await openTable({ store, root, schema })
    for (const partition_id of [1, 3, 5]) {
      await append(table, { rows: [{ date: '2026-03-01', partition_id }], operation: 'WRITE' })
    }
    await compactPartition(table, { partition: { date: '2026-03-01' }, orderBy: [] })
    return table
  }

  test('holds those at its bounds by its statistics alone, and none outside of them', async () => {
    const table = await merged()
    const unread = { ...table, store: { ...table.store, read: () => Promise.reject(new Error('read')) } }
    const snapshot = await refresh(table)
    for (const partition of [1, 5])
      await expect(checkNoOrphans(unread, snapshot, partition)).rejects.toThrow('few: holds')
    for (const partition of [0, 2, 6])
      await expect(checkNoOrphans(unread, snapshot, partition)).resolves.toBeUndefined()
  })

  test('is read for those between, where positions may have been dropped', async () => {
    const table = await merged()
    await configure(table, retention)
    const snapshot = await refresh(table)
    await expect(checkNoOrphans(table, snapshot, 3)).rejects.toThrow('holds rows of partition 3')
    for (const partition of [2, 4]) await expect(checkNoOrphans(table, snapshot, partition)).resolves.toBeUndefined()
  })
})
