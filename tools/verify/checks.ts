// Tested in test/tools/verify/verify.test.ts.
import { type Comparison } from './compare'
import { goldTables } from './gold'
import { figureColumns, type Rollup, rollups } from './rollups'

/** The parts of the answer, in the order of the flow. */
export const sections = ['source', 'bronze', 'silver', 'gold', 'warehouse'] as const
export type SectionName = (typeof sections)[number]

const position = ['partition_id', 'sequence', 'item']
const sale = ['store_id', 'product_id']

const figuresOf = (rollup: Rollup) => figureColumns(rollup).map(({ name }) => name)

const source: readonly Comparison[] = [
  {
    name: 'behind',
    about: 'the pipeline has taken everything the hub holds',
    expected: 'SELECT partition_id, last_sequence AS sequence FROM hub.held WHERE last_sequence IS NOT NULL',
    got: `SELECT partition_id, sequence FROM pg.sink_position JOIN hub.held USING (partition_id)
      WHERE stream = getvariable('stream') AND sequence >= first_sequence`,
    key: ['partition_id'],
    values: ['sequence'],
  },
  {
    name: 'log',
    about: 'the hub gives back every message it says it holds',
    expected: `SELECT partition_id, unnest(range(first_sequence, last_sequence + 1)) AS sequence
      FROM hub.held WHERE last_sequence IS NOT NULL`,
    got: 'hub.message',
    key: ['partition_id', 'sequence'],
    values: [],
  },
]

const bronze: readonly Comparison[] = [
  {
    name: 'bytes',
    about: 'every event of the log is there once, byte for byte, and nothing else',
    expected: `SELECT partition_id, sequence, item, octet_length(raw) AS bytes, sha256(raw) AS sha256, sha256(envelope) AS envelope,
      at_ms(enqueued_ms) AS enqueued_at, at_ms(enqueued_ms)::DATE AS ingest_date FROM truth.item`,
    got: `SELECT partition_id, sequence, item, octet_length(body) AS bytes, sha256(body) AS sha256, sha256(envelope) AS envelope,
      enqueued_at, ingest_date FROM lake.bronze_events`,
    key: position,
    values: ['bytes', 'sha256', 'envelope', 'enqueued_at', 'ingest_date'],
  },
  {
    name: 'gaps',
    about: 'a number that is missing is one the hub had deleted, and is recorded as lost',
    expected: `SELECT partition_id, before + 1 AS first_sequence, sequence - 1 AS last_sequence, sequence - 1 - before AS lost
      FROM (
        -- Numbers start over at a multiple of 2^40 when the hub is created anew.
        SELECT partition_id, sequence, greatest((sequence >> 40 << 40) - 1,
          lag(sequence, 1, -1) OVER (PARTITION BY partition_id ORDER BY sequence)) AS before
        FROM (SELECT DISTINCT partition_id, sequence FROM lake.bronze_events)
      ) WHERE sequence > before + 1`,
    got: `SELECT partition_id, min(first_sequence) AS first_sequence, max(last_sequence) AS last_sequence, sum(lost)::BIGINT AS lost
      FROM (
        -- A gap may be recorded in parts.
        SELECT *, sum(starts::INTEGER) OVER (PARTITION BY partition_id ORDER BY first_sequence) AS gap
        FROM (
          SELECT *, first_sequence IS DISTINCT FROM
            lag(last_sequence) OVER (PARTITION BY partition_id ORDER BY first_sequence) + 1 AS starts
          FROM lake.bronze_gaps
        )
      ) GROUP BY partition_id, gap`,
    key: ['partition_id', 'first_sequence'],
    values: ['last_sequence', 'lost'],
  },
  {
    name: 'rejects',
    about: 'what the contract forbids is rejected for that reason, and nothing else is',
    expected: `SELECT partition_id, sequence, item, verdict AS reject_reason, verdict IS NOT NULL AS explained FROM truth.event`,
    got: `SELECT partition_id, sequence, item, reject_reason, coalesce(reject_detail, '') <> '' AS explained FROM lake.bronze_events`,
    key: position,
    values: ['reject_reason', 'explained'],
  },
  {
    name: 'columns',
    about: 'id, type, time and store are those of the body',
    expected: `SELECT partition_id, sequence, item, event_id, type, at_ms(event_ms) AS event_time,
        CASE WHEN type <> 'pulse' THEN store_id END AS store_id FROM truth.event WHERE verdict IS NULL
      UNION ALL SELECT partition_id, sequence, item, NULL, NULL, NULL, NULL FROM truth.event WHERE verdict IS NOT NULL`,
    got: 'lake.bronze_events',
    key: position,
    values: ['event_id', 'type', 'event_time', 'store_id'],
  },
]

const silver: readonly Comparison[] = rollups.map((rollup) => ({
  name: rollup.name,
  about: 'each row holds what its window holds, caused by the event that closed it or came late',
  expected: `truth.${rollup.name}_rows`,
  got: `lake.${rollup.name}`,
  key: ['date', 'window_start', 'kind', ...position, ...rollup.keys],
  values: ['window_end', ...figuresOf(rollup)],
}))

const gold: readonly Comparison[] = [
  {
    name: 'stockout',
    about: 'alerts open and resolve by the rule, each at its event',
    expected: 'truth.stockout_rows',
    got: 'lake.gold_stockout',
    key: [...sale, 'opened_at', 'change', 'partition_id'],
    values: ['date', 'last_sale_at', 'resolved_at', 'sequence', 'item'],
  },
  ...goldTables.map(({ name, about, key, values, unless }) => ({
    name: name.replace('gold_', ''),
    about,
    expected: unless === undefined ? `truth.${name}` : `SELECT * FROM truth.${name} WHERE NOT (${unless})`,
    got: unless === undefined ? `lake.${name}` : `SELECT * FROM lake.${name} WHERE NOT (${unless})`,
    key,
    values: Object.keys(values),
  })),
]

/** Days whose batch has read everything. */
const settled = 'date IN (SELECT date FROM truth.extent) AND date NOT IN (SELECT date FROM truth.overtaken)'

const warehouse: readonly Comparison[] = [
  {
    name: 'live_daily',
    about:
      'live figures of each store and day are those of gold, but for ids known to have come in several partitions or far apart',
    expected: `SELECT date, store_id, total_transactions + coalesce(sales, 0) AS total_transactions,
        total_revenue + money(coalesce(cents, 0)) AS total_revenue
      FROM pg.gold_daily_store
      LEFT JOIN (SELECT date, store_id, sum(sales)::BIGINT AS sales, sum(cents)::BIGINT AS cents FROM truth.apart GROUP BY ALL)
        USING (date, store_id)
      WHERE ${settled} AND total_transactions + coalesce(sales, 0) <> 0`,
    got: `SELECT date, store_id, sum(total_transactions)::BIGINT AS total_transactions,
        sum(total_revenue) AS total_revenue
      FROM (SELECT *, date_of(store_id, epoch_ms(window_start)) AS date FROM pg.store_1m) WHERE ${settled} GROUP BY ALL
        HAVING sum(total_transactions) <> 0`,
    key: ['date', 'store_id'],
    values: ['total_transactions', 'total_revenue'],
  },
  ...rollups.map((rollup) => ({
    name: rollup.name,
    about: 'every window, closed or running, has the figures of its events',
    expected: `truth.${rollup.name}`,
    got: `pg.${rollup.name}`,
    key: ['window_start', 'partition_id', ...rollup.keys],
    values: [...figuresOf(rollup), 'closed'],
  })),
  {
    name: 'gold_stockout',
    about: 'alerts are those of the lake',
    expected: `SELECT store_id, product_id, opened_at, any_value(last_sale_at) AS last_sale_at,
        max(resolved_at) AS resolved_at, partition_id,
        CASE WHEN bool_or(change = 'resolved') THEN 'resolved' ELSE 'open' END AS status
      FROM lake.gold_stockout GROUP BY ALL`,
    got: 'pg.gold_stockout',
    key: [...sale, 'opened_at', 'partition_id'],
    values: ['last_sale_at', 'resolved_at', 'status'],
  },
  {
    name: 'stores',
    about: 'time zones are those the newest events say, where no file says one',
    expected: `SELECT store_id, arg_max(zone, (event_ms, zone)) AS zone
      FROM (SELECT store_id, event_ms, text_of(doc->'$.storeZone') AS zone FROM truth.fact WHERE kind = 'event')
      WHERE lower(zone) IN (SELECT lower(name) FROM pg_timezone_names())
        AND store_id NOT IN (SELECT store_id FROM pg.stores WHERE source = 'file' AND zone IS NOT NULL)
      GROUP BY store_id`,
    got: `SELECT store_id, zone FROM pg.stores WHERE source = 'stream'`,
    key: ['store_id'],
    values: ['zone'],
  },
  ...goldTables.map(({ name, key, values }) => ({
    name,
    about: 'rows are those of the lake',
    expected: `lake.${name}`,
    got: `pg.${name}`,
    key,
    values: Object.keys(values),
  })),
]

/** What is held against what, by part. */
export const comparisons: Readonly<Record<SectionName, readonly Comparison[]>> = {
  source,
  bronze,
  silver,
  gold,
  warehouse,
}

/** Sales that gold and the live tables count differently, by cause. */
const apart = (cause: string) =>
  `(SELECT coalesce(sum(abs(sales)), 0)::BIGINT FROM truth.apart WHERE cause = '${cause}')`

/** Figures reported beside the checks: a query of one row for each part. */
export const figures: Readonly<Record<SectionName, string>> = {
  source: `SELECT (SELECT count(*) FROM hub.held) AS partitions, count(*) AS messages,
    coalesce(sum(octet_length(body)), 0)::BIGINT AS bytes FROM hub.message`,
  bronze: `SELECT count(*) AS rows, count(*) FILTER (reject_reason IS NULL) AS accepted,
    count(*) FILTER (reject_reason IS NOT NULL) AS rejected,
    coalesce(histogram(reject_reason), MAP {}) AS reasons,
    (SELECT count(*) FROM truth.item JOIN hub.held USING (partition_id) WHERE sequence < first_sequence) AS noLongerInHub,
    (SELECT coalesce(sum(lost), 0)::BIGINT FROM lake.bronze_gaps) AS lost FROM lake.bronze_events`,
  silver: `SELECT count(*) FILTER (counts) AS sales, count(*) FILTER (counts AND late) AS lateSales,
    count(*) FILTER (NOT counts) AS duplicates, count(*) FILTER (counts AND occurrence > 1) AS duplicatesBeyondHorizon,
    (SELECT coalesce(sum(total_qty), 0)::BIGINT FROM lake.sales_1m) AS quantity,
    (SELECT coalesce(sum(total_revenue), 0) FROM lake.sales_1m) AS revenue FROM truth.sale`,
  gold: `SELECT count(DISTINCT date) AS dates, count(*) AS rows,
    coalesce(sum(total_qty), 0)::BIGINT AS quantity, coalesce(sum(total_revenue), 0) AS revenue,
    (SELECT coalesce(list(date::VARCHAR ORDER BY date), []) FROM (
      SELECT DISTINCT date FROM truth.dated WHERE date NOT IN (SELECT date FROM truth.extent)
    )) AS datesNotBatched,
    (SELECT coalesce(list(date::VARCHAR ORDER BY date), []) FROM truth.overtaken) AS datesOvertaken,
    (SELECT count(*) FROM lake.gold_stockout WHERE change = 'opened') AS alertsOpened,
    (SELECT count(*) FROM lake.gold_stockout WHERE change = 'resolved') AS alertsResolved FROM lake.gold_daily_sales`,
  warehouse: `SELECT count(*) FILTER (closed) AS windowsClosed, count(*) FILTER (NOT closed) AS windowsOpen,
    (SELECT count(*) FROM pg.gold_stockout WHERE status = 'open') AS alertsOpen,
    ${apart('live: partitions')} AS twiceInPartitions, ${apart('live: horizon')} AS twiceBeyondHorizon,
    ${apart('gold only')} AS onlyInGold FROM pg.sales_1m`,
}
