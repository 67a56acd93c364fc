// Tested in test/app/export.test.ts.
/** A table or view people may take out as CSV. Which columns it has, the database knows. */
export interface Exportable {
  readonly name: string
  /** What its rows are read from, where that is not the table itself. */
  readonly source?: string
  /** What `from` and `to` go by, and what the rows are sorted by first. */
  readonly time: { readonly column: string; readonly kind: 'instant' | 'date' }
  /** The rest of what makes a row one of a kind, in the order of sorting. */
  readonly key: readonly string[]
  /** Business days before today that an export goes back when it is not told; `all` where each thing has one row. */
  readonly lastDays: number | 'all'
  /** Whose work changes the rows: the stream changes all the time, the batch once a day. */
  readonly changedBy: 'stream' | 'batch' | 'both'
}

type Rows = Omit<Exportable, 'name' | 'key'>

const minutes: Rows = { time: { column: 'window_start', kind: 'instant' }, lastDays: 1, changedBy: 'stream' }
const hours: Rows = { time: { column: 'hour', kind: 'instant' }, lastDays: 7, changedBy: 'stream' }
const goldDays: Rows = { time: { column: 'date', kind: 'date' }, lastDays: 31, changedBy: 'batch' }
const days: Rows = { ...goldDays, changedBy: 'both' }

const mix = [
  'store_id',
  'region',
  'city',
  'country',
  'channel',
  'payment_method',
  'category',
  'brand',
  'customer_segment',
]

/** An allow list: only these tables and views can be exported. The sinks' bookkeeping (positions, runs) is left out. */
export const exportables: readonly Exportable[] = [
  { name: 'sales_1m', source: 'sales_1m_merged', key: ['store_id', 'product_id'], ...minutes },
  { name: 'store_1m', source: 'store_1m_merged', key: ['store_id'], ...minutes },
  { name: 'mix_1m', source: 'mix_1m_merged', key: mix, ...minutes },
  { name: 'funnel_1m', source: 'funnel_1m_merged', key: ['store_id', 'channel', 'category'], ...minutes },
  {
    name: 'payments_1m',
    source: 'payments_1m_merged',
    key: ['store_id', 'method', 'status', 'failure_reason'],
    ...minutes,
  },
  { name: 'quality_1m', source: 'quality_1m_merged', key: ['store_id', 'reason'], ...minutes },
  { name: 'stock_5m', source: 'stock_5m_merged', key: ['store_id', 'product_id'], ...minutes },
  {
    name: 'gold_stockout',
    key: ['store_id', 'product_id'],
    time: { column: 'opened_at', kind: 'instant' },
    lastDays: 31,
    changedBy: 'stream',
  },
  { name: 'gold_daily_sales', key: ['store_id', 'product_id'], ...goldDays },
  { name: 'gold_daily_store', key: ['store_id'], ...goldDays },
  { name: 'gold_daily_mix', key: mix, ...goldDays },
  { name: 'gold_daily_funnel', key: ['store_id', 'channel', 'category'], ...goldDays },
  { name: 'gold_daily_payments', key: ['store_id', 'method', 'status', 'failure_reason'], ...goldDays },
  { name: 'gold_top_products', key: ['store_id', 'kind', 'rank'], ...goldDays },
  { name: 'gold_daily_customers', key: ['customer_id'], ...goldDays },
  {
    name: 'gold_customers',
    key: ['customer_id'],
    time: { column: 'last_purchase_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'batch',
  },
  { name: 'gold_stockout_daily', key: ['store_id', 'product_id'], ...goldDays },
  {
    name: 'v_sales_by_minute',
    key: ['store_id', 'product_id'],
    ...minutes,
    time: { column: 'minute', kind: 'instant' },
  },
  { name: 'v_sales_by_hour', key: ['store_id', 'product_id'], ...hours },
  { name: 'v_sales_by_day', key: ['store_id', 'product_id'], ...days },
  { name: 'v_store_by_hour', key: ['store_id'], ...hours },
  { name: 'v_store_by_day', key: ['store_id'], ...days },
  { name: 'v_top_products', key: ['scope', 'store_id', 'rank'], ...days },
  { name: 'v_top_categories', key: ['scope', 'store_id', 'rank'], ...days },
  { name: 'v_regions', key: ['country', 'region', 'city'], ...days },
  { name: 'v_funnel', key: ['store_id', 'channel', 'category'], ...days },
  { name: 'v_payments', key: ['store_id', 'method'], ...days },
  { name: 'v_data_quality', key: [], ...hours },
  {
    name: 'v_stock_on_hand',
    key: ['store_id', 'product_id'],
    time: { column: 'on_hand_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'stream',
  },
  {
    name: 'v_stockouts_open',
    key: ['store_id', 'product_id'],
    time: { column: 'opened_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'stream',
  },
  {
    name: 'v_stores_in_partitions',
    key: ['store_id'],
    time: { column: 'last_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'stream',
  },
  { name: 'v_days', key: ['calendar'], ...days },
  {
    name: 'v_store_calendars',
    key: ['store_id'],
    time: { column: 'said_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'stream',
  },
  {
    name: 'v_stores',
    key: ['store_id'],
    time: { column: 'said_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'both',
  },
  {
    name: 'v_customers',
    key: ['customer_id'],
    time: { column: 'last_purchase_at', kind: 'instant' },
    lastDays: 'all',
    changedBy: 'batch',
  },
]
