import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { replacePartition } from '../lake/replace'
import { dataPath } from '../lake/data-file'
import { withDuckDb } from '../lake/duckdb'
import { type FileView, selectFiles } from '../lake/scan'
import { type Store } from '../lake/store'
import { refresh, type Table } from '../lake/table'
import { announce, occurrenceNames } from '../observe/occurrences'
import { type Warehouse } from '../warehouse/connection'
import { replaceDay } from '../warehouse/daily'
import { type Table as WarehouseTable } from '../warehouse/table'
import { type Ports } from './ports'
import { within } from './replay'

/** What the daily batch reads and writes. */
export interface DailyPorts {
  readonly store: Store
  readonly bronze: Table
  readonly dailySales: Table
  readonly warehouse: Warehouse
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** What a run did. */
export interface DayReport {
  readonly date: string
  /** Bronze files that may hold events of the day. */
  readonly files: number
  readonly sales: number
  /** Sales left out because an earlier event has their id. */
  readonly duplicates: number
  readonly rows: number
}

/** A row of `gold_daily_sales`; revenue in cents. */
type DailySales = Readonly<
  Record<'date' | 'store_id' | 'product_id', string> & Record<'total_qty' | 'total_revenue' | 'transactions', number>
>

const dayMs = 86_400_000
const filesAtOnce = 4

/** `gold_daily_sales` as PostgreSQL has it. */
export const dailySalesTable: WarehouseTable = {
  name: 'gold_daily_sales',
  key: [
    { name: 'store_id', type: 'text' },
    { name: 'date', type: 'date' },
    { name: 'product_id', type: 'text' },
  ],
  values: [
    { name: 'total_qty', type: 'bigint' },
    { name: 'total_revenue', type: 'numeric' },
    { name: 'transactions', type: 'bigint' },
  ],
}

/**
 * Recomputes a UTC day of sales from bronze with DuckDB, an engine that shares no code with the fold, and replaces the day
 * in Delta and in PostgreSQL. Doing it again gives the same; a day nobody sold on becomes empty. An event id counts
 * once, the first by time of arrival. `date` is YYYY-MM-DD; anything else throws before anything is read.
 */
export async function runDay(ports: DailyPorts, date: string): Promise<DayReport> {
  const startMs = startOf(date)
  try {
    const report = await recompute(ports, { date, startMs })
    announce(occurrenceNames.dailyBatch, report.rows, { day: date, outcome: 'finished' })
    return report
  } catch (error) {
    announce(occurrenceNames.dailyBatch, 0, { day: date, outcome: 'failed' })
    throw error
  }
}

async function recompute(
  ports: DailyPorts,
  { date, startMs }: { readonly date: string; readonly startMs: number },
): Promise<DayReport> {
  return withDuckDb(
    async ({ connection, folder }) => {
      const files = await fetchBronze(ports, { startMs, folder })
      const counted = await aggregate(connection, { files, startMs })
      await replacePartition(ports.dailySales, {
        partition: { date },
        rows: rowsOf(connection, date),
        operation: 'DAILY BATCH',
      })
      const table = { table: dailySalesTable, date, rows: rowsOf(connection, date) }
      const { rows } = await replaceDay(ports.warehouse, table)
      ports.log('info', `daily batch ${date}: ${counted.sales} sales from ${files.length} files, ${rows} rows`)
      return { date, files: files.length, ...counted, rows }
    },
    { memoryLimit: '1GB', threads: 2 },
  )
}

/** The batch's share of the pipeline's ports. */
export function dailyPorts({ store, tables, warehouse, log }: Ports): DailyPorts {
  return { store, bronze: tables.bronze, dailySales: tables.dailySales, warehouse, log }
}

/** The UTC day before an instant, YYYY-MM-DD. */
export function dayBefore(timeMs: number): string {
  return new Date(timeMs - dayMs).toISOString().slice(0, 10)
}

/** Whether a text is a real date, YYYY-MM-DD. */
export function isDate(text: string): boolean {
  const startMs = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  // Date.parse carries 30 February over into March.
  return !Number.isNaN(startMs) && new Date(startMs).toISOString().slice(0, 10) === text
}

/** First instant of a UTC day, epoch milliseconds; throws unless it is a real date. */
export function startOf(date: string): number {
  if (!isDate(date)) throw new Error(`daily batch: expected a date YYYY-MM-DD, got "${date}"`)
  return Date.parse(`${date}T00:00:00Z`)
}

/** Copies the bronze files that may hold events of the day to local disk, a few at a time; returns their paths. */
async function fetchBronze(
  { store, bronze }: DailyPorts,
  { startMs, folder }: { readonly startMs: number; readonly folder: string },
): Promise<readonly string[]> {
  const snapshot = await refresh(bronze)
  const ofDay = (file: FileView) => within(file, 'event_time', [startMs, startMs + dayMs - 1])
  const queue = selectFiles(snapshot, { where: ofDay }).entries()
  const paths: string[] = []
  const fetchNext = async () => {
    for (const [index, file] of queue) {
      const bytes = await store.read(dataPath(bronze.root, file))
      if (!bytes)
        throw new Error(`bronze file ${file.path}: named by version ${snapshot.version} but not there; run it again`)
      const local = join(folder, `${index}.parquet`)
      await writeFile(local, bytes)
      paths.push(local)
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, fetchNext))
  return paths
}

/** Builds the table `day` of the day's sales per store and product; money in whole cents. */
async function aggregate(
  connection: DuckDBConnection,
  { files, startMs }: { readonly files: readonly string[]; readonly startMs: number },
): Promise<{ sales: number; duplicates: number }> {
  const nothing = `SELECT NULL::VARCHAR AS event_id, NULL::VARCHAR AS store_id, NULL::BLOB AS body, 0 AS copy WHERE false`
  const paths = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(', ')
  await connection.run(`CREATE TEMP TABLE sale AS ${files.length === 0 ? nothing : salesOf(paths, startMs)}`)
  await connection.run(dayOfSales)
  const result = await connection.runAndReadAll(
    `SELECT count(*) FILTER (WHERE copy = 1)::INTEGER, count(*) FILTER (WHERE copy > 1)::INTEGER FROM sale`,
  )
  const [sales, duplicates] = result.getRows()[0] ?? []
  return { sales: Number(sales), duplicates: Number(duplicates) }
}

const salesOf = (paths: string, startMs: number) => `
  SELECT * EXCLUDE (type) FROM (
    SELECT event_id, store_id, type, body,
      row_number() OVER (PARTITION BY event_id ORDER BY enqueued_at, partition_id, sequence, item) AS copy
    FROM read_parquet([${paths}])
    WHERE event_time >= epoch_ms(${startMs})::TIMESTAMPTZ AND event_time < epoch_ms(${startMs + dayMs})::TIMESTAMPTZ
  ) WHERE type = 'sale'`

/*
 * A line's amount is quantity × price in ten-thousandths, half-even to cents: whole numbers throughout, and // and %
 * cut towards zero, so the tie goes by the parity of the quotient on either side of it.
 */
const dayOfSales = `
  CREATE TEMP TABLE day AS
  WITH line AS (
    SELECT event_id, store_id, unnest(from_json(json_extract(decode(body), '$.lines'),
      '[{"productId": "VARCHAR", "quantity": "BIGINT", "unitPrice": "DECIMAL(18,4)"}]'), recursive := true)
    FROM sale WHERE copy = 1
  ), amount AS (
    SELECT event_id, store_id, productId AS product_id, quantity, quantity * (unitPrice * 10000)::BIGINT AS e4 FROM line
  ), cents AS (
    SELECT *, e4 // 100 + CASE
      WHEN abs(e4 % 100) > 50 OR (abs(e4 % 100) = 50 AND (e4 // 100) % 2 <> 0) THEN sign(e4) ELSE 0 END AS cents
    FROM amount
  )
  SELECT store_id, product_id, sum(quantity)::BIGINT AS total_qty, sum(cents)::BIGINT AS total_revenue,
    count(DISTINCT event_id)::BIGINT AS transactions
  FROM cents GROUP BY ALL ORDER BY ALL`

async function* rowsOf(connection: DuckDBConnection, date: string): AsyncGenerator<readonly DailySales[]> {
  const result = await connection.stream('SELECT * FROM day ORDER BY store_id, product_id')
  for await (const rows of result.yieldRowObjects()) {
    yield rows.map((row) => ({
      date,
      store_id: String(row.store_id),
      product_id: String(row.product_id),
      total_qty: Number(row.total_qty),
      total_revenue: Number(row.total_revenue),
      transactions: Number(row.transactions),
    }))
  }
}
