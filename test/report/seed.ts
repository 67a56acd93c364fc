import { type Figures } from '../../src/report/figures'
import { readReport } from '../../src/report/report'
import { fillCalendars } from '../../src/warehouse/business-days'
import { type Session, type Warehouse } from '../../src/warehouse/connection'
import { type Installation } from '../../src/warehouse/installation'
import { startTestWarehouse } from '../warehouse/postgres'

/* A warehouse for reports: rows a test chooses, everything else as small as it can be. */

/** Settings of a shop in a currency, UTC days unless told. */
export function settingsOf(settings: Partial<Installation> = {}): Installation {
  return { currency: 'GBP', minorDigits: 2, zone: 'UTC', dayStart: '00:00', fiscalCalendar: 'iso', ...settings }
}

type Cells = Readonly<Record<string, string | number | boolean | null | readonly string[]>>

/** Inserts rows; columns nobody names have their defaults. */
export async function insert(session: Session, table: string, rows: readonly Cells[]): Promise<void> {
  for (const row of rows) {
    const names = Object.keys(row).join(', ')
    await session.query(
      `INSERT INTO ${table} (${names}) SELECT ${names} FROM jsonb_populate_record(NULL::${table}, $1)`,
      [JSON.stringify(row)],
    )
  }
}

const stream = { closed: true, partition_id: 0, sequence: 1 }
const counted = { total_qty: 0, total_revenue: 0, transactions: 0 }

/** A minute of `store_1m` in which so many orders brought in so much, nothing else. */
export function storeMinute(at: string, store: string, revenue: number, orders: number, more: Cells = {}): Cells {
  const takings = { total_revenue: revenue, gross_sales: revenue, order_revenue: revenue }
  const receipts = { orders, total_transactions: orders, units_sold: orders, unique_customers: 0 }
  return { window_start: at, store_id: store, ...takings, ...receipts, ...stream, ...more }
}

/** A minute of `sales_1m`. */
export function salesMinute(at: string, store: string, product: string, revenue: number, quantity: number): Cells {
  return {
    ...counted,
    window_start: at,
    store_id: store,
    product_id: product,
    total_revenue: revenue,
    total_qty: quantity,
    ...stream,
  }
}

const nowhere = { region: 'unknown', city: 'unknown', country: 'unknown' }
const ofWhat = { payment_method: 'card', category: 'unknown', brand: 'unknown', customer_segment: 'B2C' }

/** A minute of `mix_1m`. */
export function mixMinute(
  at: string,
  store: string,
  channel: string,
  revenue: number,
  orders: number,
  more: Cells = {},
): Cells {
  const sold = { ...counted, total_revenue: revenue, orders }
  return { window_start: at, store_id: store, ...nowhere, ...ofWhat, channel, ...sold, ...stream, ...more }
}

/** A minute of `quality_1m` in which so many valid events came. */
export function qualityMinute(at: string, store: string, valid: number, more: Cells = {}): Cells {
  const nothing = { rejected: 0, duplicates: 0, late: 0, late_seconds: 0, max_late_seconds: 0 }
  return { window_start: at, store_id: store, reason: 'none', received: valid, valid, ...nothing, ...stream, ...more }
}

/** Every row a report reads, gone; and the installation that of the settings. */
export async function begin(session: Session, settings: Installation): Promise<void> {
  const tables = [
    ...['sales_1m', 'store_1m', 'mix_1m', 'funnel_1m', 'payments_1m', 'quality_1m', 'stock_5m', 'gold_stockout'],
    ...['gold_daily_sales', 'gold_daily_store', 'gold_daily_mix', 'gold_daily_funnel', 'gold_daily_payments'],
    ...['gold_daily_customers', 'gold_stockout_daily', 'daily_batch', 'sink_position', 'stores', 'installation'],
  ]
  await session.query(`TRUNCATE ${tables.join(', ')}`)
  const { currency, minorDigits, zone, dayStart, fiscalCalendar } = settings
  await insert(session, 'installation', [
    {
      id: 1,
      currency,
      minor_digits: minorDigits,
      zone,
      day_start: dayStart,
      fiscal_calendar: fiscalCalendar,
      said_at: '2026-01-01T00:00Z',
    },
  ])
}

/** That partition 0 delivered last at a time. */
export async function deliver(session: Session, at: string): Promise<void> {
  await session.query(
    `INSERT INTO sink_position (stream, partition_id, sequence, updated_at) VALUES ('retail', 0, 7, $1)
     ON CONFLICT (stream, partition_id) DO UPDATE SET updated_at = excluded.updated_at`,
    [at],
  )
}

/** That the daily batch made a date. */
export async function makeDay(session: Session, date: string, more: Cells = {}): Promise<void> {
  const made = { run: 1, batched_at: `${date}T23:59:00Z`, read_up_to: '{}', alerts: '', bronze_version: 1, events: 1 }
  await insert(session, 'daily_batch', [
    { date, newest: '{}', ...made, duplicates: 0, rows_written: 1, stores: [], stale: false, ...more },
  ])
}

/** A row of `gold_daily_store`. */
export function storeDay(date: string, store: string, revenue: number, orders: number, more: Cells = {}): Cells {
  const takings = { total_revenue: revenue, gross_sales: revenue, order_revenue: revenue, net_sales: revenue }
  const receipts = { orders, total_transactions: orders, units_sold: orders, units_returned: 0, unique_customers: 0 }
  return { date, store_id: store, ...nowhere, ...takings, ...receipts, ...more }
}

/** Puts rows into a table. */
export type Put = (table: string, ...rows: readonly Cells[]) => Promise<void>

/** A warehouse to fill and to report on. */
export interface Stage {
  readonly warehouse: Warehouse
  /** Empties it, for such settings, and fills it. */
  given(settings: Partial<Installation>, fill?: (put: Put) => Promise<void>): Promise<void>
  report(date?: string, settings?: Partial<Installation>): Promise<Figures>
  /** Partition 0 delivered last at this time. */
  delivered(at: string): Promise<void>
  /** The daily batch made this date. */
  made(date: string): Promise<void>
  close(): Promise<void>
}

/** Starts a warehouse, for a `beforeAll`. */
export async function openStage(): Promise<Stage> {
  const server = await startTestWarehouse()
  const { warehouse } = server
  return {
    warehouse,
    given: (settings, fill = () => Promise.resolve()) =>
      warehouse.transaction(async (session) => {
        await begin(session, settingsOf(settings))
        await fill((table, ...rows) => insert(session, table, rows))
        await fillCalendars(session, 'missing')
      }),
    report: (date, settings = {}) => readReport(warehouse, { date, settings: settingsOf(settings) }),
    delivered: (at) => warehouse.transaction((session) => deliver(session, at)),
    made: (date) => warehouse.transaction((session) => makeDay(session, date)),
    close: () => server.close(),
  }
}
