// Tested in test/pipeline/daily/run.test.ts.
import { type Table } from '../../lake/table'
import { type Warehouse } from '../../warehouse/connection'
import { type Ports } from '../ports'
import { goldStockout } from '../rows/tables'

/** Where the batch draws its lines; money in hundredths of a currency unit. */
export interface Thresholds {
  /** Products, and categories, ranked per store and over all stores. */
  readonly topProducts: number
  /** Purchases from which a customer is loyal. */
  readonly loyalPurchases: number
  readonly premiumSpendCents: number
  readonly standardSpendCents: number
}

/** What the daily batch reads and writes. */
export interface DailyPorts extends Pick<Ports, 'stream' | 'store' | 'log' | 'installation'> {
  readonly bronze: Table
  readonly stockouts: Table
  /** Its own tables by name. */
  readonly daily: ReadonlyMap<string, Table>
  readonly warehouse: Warehouse
  readonly thresholds: Thresholds
  /** Kinds of products whose lines say none: `PRODUCT=kind`, several by commas. */
  readonly productKinds: string
  /** Rows that a share of a large query has to do with; default: what fits into memory. */
  readonly rowsPerShare?: number
  /** Epoch milliseconds; says when a run began and which day is over. */
  readonly clock: () => number
}

/** The batch's share of the pipeline's ports. */
export function dailyPorts(
  {
    stream,
    store,
    tables,
    warehouse,
    rules,
    installation,
    log,
    clock,
  }: Pick<Ports, 'stream' | 'store' | 'tables' | 'warehouse' | 'rules' | 'installation' | 'log' | 'clock'>,
  { topProducts, loyalPurchases, premiumSpendCents, standardSpendCents }: Thresholds,
): DailyPorts {
  const stockouts = tables.derived.get(goldStockout.name)
  if (!stockouts) throw new Error(`daily batch: expected table ${goldStockout.name} among the open ones, got none`)
  const thresholds = { topProducts, loyalPurchases, premiumSpendCents, standardSpendCents }
  const { bronze, daily } = tables
  const { productKinds } = rules
  return { stream, store, bronze, stockouts, daily, warehouse, installation, thresholds, productKinds, clock, log }
}

/** A table of the batch by name; throws when it was not opened. */
export function dailyTable({ daily }: DailyPorts, name: string): Table {
  const table = daily.get(name)
  if (table) return table
  throw new Error(`daily batch: expected table ${name} among ${[...daily.keys()].join(', ')}`)
}
