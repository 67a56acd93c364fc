import { type LiveTable, type Row } from '../../src/warehouse/table'
import { type LiveBatch, type LiveRow } from '../../src/warehouse/live'

/** Tables as the pipeline describes them, of their figures as many as tests need. */
export const sales: LiveTable = {
  name: 'sales_1m',
  key: [
    { name: 'store_id', type: 'text' },
    { name: 'window_start', type: 'timestamptz' },
    { name: 'product_id', type: 'text' },
  ],
  values: [
    { name: 'total_qty', type: 'bigint' },
    { name: 'total_revenue', type: 'numeric', scale: 2 },
    { name: 'transactions', type: 'bigint' },
    { name: 'closed', type: 'boolean' },
  ],
}

export const stores: LiveTable = {
  name: 'store_1m',
  key: [
    { name: 'store_id', type: 'text' },
    { name: 'window_start', type: 'timestamptz' },
  ],
  values: [
    { name: 'total_transactions', type: 'bigint' },
    { name: 'total_revenue', type: 'numeric', scale: 2 },
    { name: 'unique_customers_sketch', type: 'bytea' },
    { name: 'closed', type: 'boolean' },
  ],
  derived: [
    {
      kind: 'ratio',
      name: 'avg_transaction_value',
      numerator: 'total_revenue',
      denominator: 'total_transactions',
      scale: 2,
    },
    { kind: 'estimate', name: 'unique_customers', of: 'unique_customers_sketch' },
  ],
}

export const daily = {
  name: 'gold_daily_sales',
  key: [
    { name: 'store_id', type: 'text' },
    { name: 'date', type: 'date' },
    { name: 'product_id', type: 'text' },
  ],
  values: [
    { name: 'total_qty', type: 'bigint' },
    { name: 'total_revenue', type: 'numeric', scale: 2 },
    { name: 'transactions', type: 'bigint' },
    { name: 'gross_sales', type: 'numeric', scale: 2 },
    { name: 'discounts', type: 'numeric', scale: 2 },
    { name: 'units_returned', type: 'bigint' },
    { name: 'measured_qty', type: 'numeric', scale: 3 },
  ],
} as const

export const noonMs = Date.UTC(2026, 0, 15, 12)

/** One sale of one piece for 1.00, except for what is given. */
export function sale(sequence: number, cells: Row = {}): LiveRow {
  return {
    store_id: 'S1',
    window_start: noonMs,
    product_id: 'P1',
    total_qty: 1,
    total_revenue: 100,
    transactions: 1,
    closed: false,
    ...cells,
    sequence,
  }
}

/** One transaction of one customer for 1.00, except for what is given. */
export function takings(sequence: number, cells: Row = {}): LiveRow {
  return {
    store_id: 'S1',
    window_start: noonMs,
    total_transactions: 1,
    total_revenue: 100,
    unique_customers_sketch: Buffer.from('000000000001', 'hex'),
    closed: false,
    ...cells,
    sequence,
  }
}

/** A batch of partition 0 that changes nothing, except for what is given. */
export function batch(sequence: number, changes: Partial<LiveBatch> = {}): LiveBatch {
  return {
    stream: 'live',
    partition: 0,
    sequence,
    rules: 'rules-1',
    upserts: [],
    additions: [],
    stockouts: [],
    ...changes,
  }
}
