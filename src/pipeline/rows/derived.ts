// Tested in test/pipeline/stream/ingest.test.ts.
import { dateOf } from '../../day'
import { columnsOf, type MeasureColumn } from '../../fold/measure'
import { type Rollup } from '../../fold/rollup'
import { type Rules } from '../../fold/rules'
import { type Emit, type WindowRow } from '../../fold/step'
import { type Row } from '../../lake/schema'
import { type LiveBatch, type LiveRow } from '../../warehouse/live'
import { type StockoutChange } from '../../warehouse/stockout'
import { type Derived, type LiveTable, type ValueColumn } from '../../warehouse/table'
import { goldStockout } from './tables'

/** A row for a table of the lake and the position it came from. */
export interface Placed {
  readonly table: string
  readonly sequence: number
  readonly row: Row
}

/** The silver or gold table an emission belongs in. */
export function tableOf(emit: Emit): string {
  return emit.kind === 'stockout' ? goldStockout.name : emit.rollup.name
}

/** The row of the silver or gold table an emission belongs in, with the table's name. */
export function lakeRow(partition: number, emit: Emit): Placed {
  const { sequence, item } = emit.at
  const position = { partition_id: partition, sequence, item }
  if (emit.kind === 'stockout') {
    const row = {
      date: dateOf(emit.openedMs),
      store_id: emit.storeId,
      product_id: emit.productId,
      change: emit.change,
      last_sale_at: emit.lastSaleMs,
      opened_at: emit.openedMs,
      resolved_at: emit.resolvedMs,
      ...position,
    }
    return { table: tableOf(emit), sequence, row }
  }
  const row = {
    date: dateOf(emit.startMs),
    window_start: emit.startMs,
    window_end: emit.startMs + emit.rollup.windowMs,
    ...dimensionsOf(emit),
    ...emit.values,
    kind: emit.kind,
    ...position,
  }
  return { table: tableOf(emit), sequence, row }
}

/**
 * The PostgreSQL table of a rollup, its money with the digits of the currency's minor unit. The store leads every key: it
 * is what the tables are distributed by.
 */
export function liveTable(rollup: Rollup, { minorDigits }: Pick<Rules, 'minorDigits'>): LiveTable {
  const [first, ...rest] = rollup.dimensions.map(({ name }) => ({ name, type: 'text' as const }))
  const columns = rollup.measures.flatMap((measure) => columnsOf(measure))
  return {
    name: rollup.name,
    key: [...(first ? [first] : []), { name: 'window_start', type: 'timestamptz' }, ...rest],
    values: [...columns.flatMap((column) => valueColumn(column, minorDigits)), { name: 'closed', type: 'boolean' }],
    derived: columns.flatMap((column) => derivedColumn(column, minorDigits)),
  }
}

/** A column that the fold fills, and how late corrections are merged into it. */
function valueColumn({ name, holds, merged }: MeasureColumn, minorDigits: number): readonly ValueColumn[] {
  return 'by' in merged ? [{ name, ...typeOf(holds, minorDigits), merge: merged.by }] : []
}

function typeOf(holds: MeasureColumn['holds'], minorDigits: number) {
  switch (holds) {
    case 'whole':
      return { type: 'bigint' } as const
    case 'instant':
      return { type: 'timestamptz' } as const
    case 'sketch':
      return { type: 'bytea' } as const
    case 'minor':
      return { type: 'numeric', scale: minorDigits } as const
    case 'hundredths':
      return { type: 'numeric', scale: 2 } as const
    case 'thousandths':
      return { type: 'numeric', scale: 3 } as const
  }
}

/** A column that the database computes from others. */
function derivedColumn({ name, holds, merged }: MeasureColumn, minorDigits: number): readonly Derived[] {
  if (!('from' in merged)) return []
  const { from } = merged
  if (from.kind === 'estimate') return [{ name, ...from }]
  return [{ name, ...from, scale: holds === 'minor' ? minorDigits : 2 }]
}

/** What a fold's output changes in PostgreSQL: windows as they stand, what late events add, and stock-outs. */
export function liveChanges(
  rules: Pick<Rules, 'rollups' | 'minorDigits'>,
  { out, live }: { readonly out: readonly Emit[]; readonly live: readonly WindowRow[] },
): Pick<LiveBatch, 'upserts' | 'additions' | 'stockouts'> {
  const windows = out.filter((emit) => emit.kind !== 'stockout')
  const closed = windows.filter((emit) => emit.kind === 'closed')
  const corrections = windows.filter((emit) => emit.kind === 'correction')
  return {
    upserts: rules.rollups.map((rollup) => ({
      table: liveTable(rollup, rules),
      rows: [
        ...closed.filter((row) => row.rollup.name === rollup.name).map((row) => liveRow(row, true)),
        ...live.filter((row) => row.rollup.name === rollup.name).map((row) => liveRow(row, false)),
      ],
    })),
    additions: rules.rollups.map((rollup) => ({
      table: liveTable(rollup, rules),
      rows: corrections.filter((row) => row.rollup.name === rollup.name).map((row) => liveRow(row, true)),
    })),
    stockouts: out.flatMap((emit) => (emit.kind === 'stockout' ? [stockout(emit)] : [])),
  }
}

function liveRow(row: WindowRow, closed: boolean): LiveRow {
  return { window_start: row.startMs, ...dimensionsOf(row), ...row.values, closed, sequence: row.at.sequence }
}

function stockout(emit: Extract<Emit, { kind: 'stockout' }>): StockoutChange {
  const { storeId, productId, openedMs, lastSaleMs, resolvedMs, at } = emit
  const shelf = { storeId, productId, openedMs, lastSaleMs, sequence: at.sequence }
  return resolvedMs === null ? { kind: 'opened', ...shelf } : { kind: 'resolved', ...shelf, resolvedMs }
}

function dimensionsOf({ rollup, key }: WindowRow): Record<string, string> {
  return Object.fromEntries(rollup.dimensions.map(({ name }, index) => [name, key[index] ?? '']))
}
