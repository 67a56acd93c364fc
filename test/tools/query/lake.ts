import { rollups } from '../../../src/fold/rollups'
import { addText, sketchBytes } from '../../../src/fold/sketch'
import { append } from '../../../src/lake/write/append'
import { type Cell, type Row, type TableSchema } from '../../../src/lake/schema'
import { type Store } from '../../../src/lake/store'
import { openTable } from '../../../src/lake/open-table'
import { scaled, silverTable } from '../../../src/pipeline/rows/tables'

/* A lake for questions: tables written through our own writer, with rows a test chooses. */

/** Appends rows to a table, creating it, in one commit; returns the table's version. */
export async function put(
  store: Store,
  { root, schema, rows }: { readonly root: string; readonly schema: TableSchema; readonly rows: readonly Row[] },
): Promise<number> {
  const table = await openTable({ store, root, schema })
  if (rows.length === 0) return table.seen.snapshot.version
  return (await append(table, { rows, operation: 'TEST' })).version
}

/** Silver's tables by name, and their rows: what is not said is that of a closed minute, measures are 0. */
export async function putSilver(
  store: Store,
  name: string,
  rows: readonly (Readonly<Record<string, Cell>> & { readonly at: string })[],
): Promise<number> {
  const rollup = rollups.find((each) => each.name === name)
  if (!rollup) throw new Error(`no rollup ${name}`)
  const { root, schema } = scaled(silverTable(rollup), 2)
  const measures = schema.columns.filter(({ nullable }) => !nullable).map((each) => [each.name, 0] as const)
  const full = rows.map(({ at, ...row }) => {
    const startMs = Date.parse(`${at}Z`)
    return {
      ...Object.fromEntries(measures),
      date: at.slice(0, 10),
      window_start: startMs,
      window_end: startMs + rollup.windowMs,
      kind: 'closed',
      partition_id: 0,
      sequence: 1,
      item: 0,
      ...row,
    }
  })
  return put(store, { root, schema, rows: full })
}

/** A row of `store_1m`; money in cents. */
export function storeRow(
  at: string,
  storeId: string,
  { orders, revenueCents, customers }: { orders: number; revenueCents: number; customers: readonly string[] },
) {
  const sketch = new Set<number>()
  for (const customer of customers) addText(sketch, customer)
  return {
    at,
    store_id: storeId,
    total_transactions: orders,
    total_revenue: revenueCents,
    avg_transaction_value: orders === 0 ? null : Math.round(revenueCents / orders),
    unique_customers: sketch.size,
    unique_customers_sketch: sketchBytes(sketch),
  }
}

/** A row of `sales_1m`; money in cents. */
export function salesRow(at: string, storeId: string, productId: string, quantity: number, revenueCents: number) {
  return {
    at,
    store_id: storeId,
    product_id: productId,
    total_qty: quantity,
    total_revenue: revenueCents,
    transactions: 1,
  }
}
