import { type RetailEvent } from '../../src/event/event'
import { rollups } from '../../src/fold/rollups'
import { type Rules } from '../../src/fold/rules'
import { readRows } from '../../src/lake/scan'
import { type Store } from '../../src/lake/store'
import { openTable } from '../../src/lake/open-table'
import { refresh, type Table } from '../../src/lake/table'
import { type Message } from '../../src/event/message'
import { dailyTables } from '../../src/pipeline/daily/tables'
import { type Ports } from '../../src/pipeline/ports'
import { liveTable } from '../../src/pipeline/rows/derived'
import { openDerived } from '../../src/pipeline/rows/stamp'
import { bronzeEvents, bronzeGaps, derivedTables, scaled, type ScaledSpec } from '../../src/pipeline/rows/tables'
import { firstNumber, inLake } from '../../src/pipeline/stream/numbering'
import { type Warehouse } from '../../src/warehouse/connection'
import { type Installation } from '../../src/warehouse/installation'
import { readTable } from '../warehouse/read-table'
import { stockoutTable } from '../../src/warehouse/stockout'
import { columnsOf } from '../../src/warehouse/table'

const minuteMs = 60_000
/** 2026-03-01, so that nothing happens near a change of day. */
export const dayStartMs = Date.UTC(2026, 2, 1, 9)

export const rules: Rules = {
  latenessMs: 10 * minuteMs,
  idleAfterMs: minuteMs,
  stockoutAfterMs: 30 * minuteMs,
  minorDigits: 2,
  productKinds: '',
  rollups,
}

/** Where the daily batch draws its lines. */
export const thresholds = { topProducts: 100, loyalPurchases: 2, premiumSpendCents: 500_00, standardSpendCents: 100_00 }

export const decodeRules = { currency: 'GBP', maxAheadMs: 5 * minuteMs, maxBehindMs: Infinity, maxEventBytes: 10_000 }

/** Whose figures they are: pounds, by UTC days. */
export const installation: Installation = {
  currency: 'GBP',
  minorDigits: 2,
  zone: 'UTC',
  dayStart: '00:00',
  fiscalCalendar: 'iso',
}

/** A ULID that stands for a number. */
export const id = (number: number) => String(number).padStart(26, '0')

/** A sale as it is on the wire, at a minute of the test's day. */
export function sale(
  minute: number,
  { eventId = id(Math.round(minute * 1000)), store = 's1', product = 'p1', price = 1.25, quantity = 1 } = {},
) {
  return {
    eventId,
    type: 'sale' satisfies RetailEvent['type'],
    eventTime: new Date(dayStartMs + minute * minuteMs).toISOString(),
    storeId: store,
    paymentMethod: 'card',
    lines: [{ productId: product, quantity, unitPrice: price }],
  }
}

/** What a hub's partition holds: one EventData for each body, taken when the day has come as far as the newest sale. */
export function messages(...bodies: readonly unknown[]): Message[] {
  return bodies.map((body, sequence) => ({
    sequence,
    enqueuedMs: dayStartMs + 120 * minuteMs + sequence * 1000,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  }))
}

/** Ports over a store and a database, for a hub that holds the given messages of partition 0 under its own numbers. */
export async function openPlant(
  store: Store,
  {
    warehouse,
    stream = 'test',
    generation = 0,
    held = [],
    maxBatchBytes = 16 << 20,
    snapshotEveryEvents = 5,
    rules: under = rules,
    installation: figures = installation,
  }: {
    readonly warehouse: Warehouse
    readonly stream?: string
    readonly generation?: number
    readonly held?: readonly Message[]
    readonly maxBatchBytes?: number
    readonly snapshotEveryEvents?: number
    readonly rules?: Rules
    readonly installation?: Installation
  },
): Promise<Ports & { readonly lines: string[] }> {
  const lines: string[] = []
  let names = 0
  const surroundings = { random: () => 0, sleep: () => Promise.resolve() }
  const open = ({ name, root, schema }: ScaledSpec): Promise<Table> =>
    openTable({ store, root, schema, name, ...surroundings })
  const derived = new Map<string, Table>()
  for (const spec of derivedTables(under)) {
    derived.set(spec.name, await openDerived(store, spec, { rules: under, ...surroundings }))
  }
  const daily = new Map<string, Table>()
  for (const { spec } of dailyTables) daily.set(spec.name, await open(scaled(spec, under.minorDigits)))
  return {
    stream,
    firstSequence: firstNumber(generation),
    store,
    tables: {
      bronze: await open(bronzeEvents),
      gaps: await open(bronzeGaps),
      derived,
      daily,
    },
    warehouse,
    rules: under,
    decodeRules: { ...decodeRules, currency: figures.currency },
    installation: figures,
    maxBatchBytes,
    snapshotEveryEvents,
    clock: () => 0,
    unique: () => `n${names++}`,
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, an array is not
    readBack: async function* (_partition, { first, last }) {
      yield inLake(held, generation).filter(({ sequence }) => sequence >= first && sequence <= last)
    },
    log: (level, line) => lines.push(`${level} ${line}`),
    lines,
  }
}

/** Every row downstream of the hub, in an order of its own, as text: what must not depend on crashes. */
export async function everything(
  store: Store,
  warehouse: Warehouse,
  under: Rules = rules,
): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { name, root } of [bronzeEvents, bronzeGaps, ...derivedTables(under)]) {
    const table = await openTable({ store, root })
    found[name] = []
    for await (const rows of readRows(table, await refresh(table))) found[name].push(...rows.map(show))
  }
  for (const table of under.rollups.map((rollup) => liveTable(rollup, under))) {
    found[`postgres ${table.name}`] = await rowsOf(warehouse, { name: table.name, columns: columnsOf(table) })
  }
  const { name, key, values } = stockoutTable
  found[`postgres ${name}`] = await rowsOf(warehouse, { name, columns: [...key, ...values] })
  return Object.fromEntries(Object.entries(found).map(([name, rows]) => [name, rows.sort()]))
}

async function rowsOf(warehouse: Warehouse, table: Parameters<typeof readTable>[1]): Promise<string[]> {
  return (await readTable(warehouse, table)).map(show)
}

function show(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(row, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  )
}

/** Every table of the database that a run writes to. */
const writtenTables = [
  ...rollups.map(({ name }) => name),
  stockoutTable.name,
  'sink_position',
  'daily_batch',
  'daily_batch_scan',
  'installation',
  'stores',
  ...dailyTables.map(({ spec }) => spec.name),
]

/** Empties what a run left in the database. */
export async function emptyWarehouse(warehouse: Warehouse): Promise<void> {
  // For a handful of rows many times as fast as TRUNCATE, which makes every table and index new files.
  await warehouse.query(writtenTables.map((name) => `DELETE FROM ${name}`).join('; '))
}

/** Keeps what a run left in the database; the function returned puts it back into an emptied one. */
export async function keepWarehouse(warehouse: Warehouse): Promise<() => Promise<void>> {
  const keep = writtenTables.map((name) => `CREATE TABLE kept.${name} AS TABLE ${name}`)
  await warehouse.query(['DROP SCHEMA IF EXISTS kept CASCADE', 'CREATE SCHEMA kept', ...keep].join('; '))
  const restore = writtenTables.map((name) => `INSERT INTO ${name} SELECT * FROM kept.${name}`).join('; ')
  return async () => {
    await warehouse.query(restore)
  }
}
