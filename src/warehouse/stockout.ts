import { type Session } from './connection'
import { identifiers, relation, type ColumnSpec, type Row } from './table'

interface Shelf {
  readonly storeId: string
  readonly productId: string
  /** Event time at which the alert opened; with store and product it names the alert. */
  readonly openedMs: number
  /** Event time of the last sale before the alert. */
  readonly lastSaleMs: number
  /** Sequence number, within the partition, of the event that made the change. */
  readonly sequence: number
}

/** A change of one stock-out alert. */
export type StockoutChange =
  (Shelf & { readonly kind: 'opened' }) | (Shelf & { readonly kind: 'resolved'; readonly resolvedMs: number })

const key: readonly ColumnSpec[] = [
  { name: 'store_id', type: 'text' },
  { name: 'product_id', type: 'text' },
  { name: 'opened_at', type: 'timestamptz' },
]

const written: readonly ColumnSpec[] = [
  ...key,
  { name: 'last_sale_at', type: 'timestamptz' },
  { name: 'resolved_at', type: 'timestamptz' },
  { name: 'status', type: 'text' },
  { name: 'opened_sequence', type: 'bigint' },
  { name: 'sequence', type: 'bigint' },
]

/** The alerts as a table that can be read and described. */
export const stockoutTable = {
  name: 'gold_stockout',
  key,
  values: [...written.slice(key.length), { name: 'partition_id', type: 'integer' } as const],
} as const

/**
 * Opens and resolves alerts in a transaction of the caller's. Doing it again changes nothing: an alert is known by its
 * partition and when it opened, is never opened twice and, once resolved, stays so. One resolved that this database has never seen
 * open is entered as resolved.
 */
export async function applyStockouts(
  session: Session,
  { partition, stockouts }: { readonly partition: number; readonly stockouts: readonly StockoutChange[] },
): Promise<void> {
  await write(session, { partition, changes: ofKind(stockouts, 'opened'), onConflict: 'DO NOTHING' })
  await write(session, {
    partition,
    changes: ofKind(stockouts, 'resolved'),
    // The same event may open (time has passed) and resolve (it is the next sale), hence at or below.
    onConflict: `(${identifiers(key)}, partition_id) DO UPDATE
      SET resolved_at = excluded.resolved_at, status = excluded.status, sequence = excluded.sequence
      WHERE t.status = 'open' AND t.sequence <= excluded.sequence`,
  })
}

/** How many alerts are open. */
export async function countOpenStockouts(session: Session): Promise<number> {
  const [row] = await session.query(`SELECT count(*) AS n FROM gold_stockout WHERE status = 'open'`)
  return Number(row?.n)
}

const ofKind = (changes: readonly StockoutChange[], kind: StockoutChange['kind']) =>
  changes.filter((change) => change.kind === kind)

interface Writing {
  readonly partition: number
  readonly changes: readonly StockoutChange[]
  readonly onConflict: string
}

async function write(session: Session, { partition, changes, onConflict }: Writing): Promise<void> {
  if (changes.length === 0) return
  const source = relation(stockoutTable.name, { columns: written, rows: changes.map(rowOf), first: 2 })
  await session.query(
    `INSERT INTO gold_stockout AS t (${identifiers(written)}, partition_id)
     SELECT DISTINCT ON (${identifiers(key)}) ${identifiers(written)}, $1::integer
     FROM ${source.sql}
     ORDER BY ${identifiers(key)}, sequence
     ON CONFLICT ${onConflict}`,
    [partition, ...source.parameters],
  )
}

function rowOf(change: StockoutChange): Row {
  const shelf = {
    store_id: change.storeId,
    product_id: change.productId,
    opened_at: change.openedMs,
    last_sale_at: change.lastSaleMs,
    sequence: change.sequence,
  }
  switch (change.kind) {
    case 'opened':
      return { ...shelf, resolved_at: null, status: 'open', opened_sequence: change.sequence }
    case 'resolved':
      return { ...shelf, resolved_at: change.resolvedMs, status: 'resolved', opened_sequence: null }
  }
}
