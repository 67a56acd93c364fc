import { type CsvMap, lineFields, numberFields, receiptFields } from '../../generator/csv/map'
import { type Comparison } from './compare'
import { literal } from './engine'

/** Recorded sales that were replayed: the files themselves and what their columns mean. */
export interface CsvSource {
  readonly files: readonly string[]
  readonly map: CsvMap
}

const name = (field: string) => `"${field}"`

/** SQL of the local days of `csv.read`, each by its midnight as if that were UTC: column `day`, ascending. */
export function localDays(map: CsvMap): string {
  return `SELECT DISTINCT epoch_ms(date_trunc('day', local)) AS day FROM (
    SELECT ${localTime(map)} AS local FROM (SELECT ${localText} AS local_text FROM csv.read)
  ) WHERE local IS NOT NULL ORDER BY day`
}

/**
 * SQL that makes of the rows in `csv.read`, and of the stretches of their zone in `csv.stretch`,
 * - `csv.receipt`: what should have been sent, one row per event; `digest` is of all it says, `nth` tells apart those
 *   that say the same
 * - `csv.line`: its lines, quantity and whole cents
 * - `csv.found`: which event in bronze each receipt is, and what became of it
 */
export function csvScript({ map }: CsvSource): string {
  const fields = (names: readonly string[]) =>
    names.filter((field) => field !== 'eventTime' && (field in map.columns || field in map.constants))
  const [ofReceipt, ofLine] = [fields(receiptFields), fields(lineFields)]
  const list = (items: readonly string[]) => `[${items.join(', ')}]::VARCHAR[]`
  const said = (names: readonly string[], doc: string) =>
    list(names.map((field) => canonical(field, `(${doc}->>'$.${field}')`)))
  return `
CREATE OR REPLACE TABLE csv.row AS
WITH said AS (
  SELECT file, row_in_file,
    ${[...ofReceipt, ...ofLine].map((field) => `${cell(field, map)} AS ${name(field)}`).join(',\n    ')},
    ${localText} AS local_text
  FROM csv.read
), local AS (
  SELECT *, epoch_ms(${localTime(map)}) AS local_ms FROM said
), timed AS (
  -- The first stretch that has the local time: of an hour the clocks run through twice, the first. An hour they skip
  -- is in none and counts as if they had not yet been put forward.
  SELECT local.* EXCLUDE (local_ms),
    local_ms - CASE WHEN local_ms - offset_ms < from_ms THEN before_ms ELSE offset_ms END AS event_ms
  FROM local ASOF LEFT JOIN csv.stretch ON local.local_ms < stretch.local_end_ms
), moved AS (
  SELECT *, coalesce(local_text <> lag(local_text) OVER (PARTITION BY file ORDER BY row_in_file), true) AS is_new_moment
  FROM timed
), grouped AS (
  SELECT *, sum(is_new_moment::INTEGER) OVER (PARTITION BY file ORDER BY row_in_file) AS moment,
    to_json(${list([`coalesce(event_ms::VARCHAR, nullif(local_text, ''))`, ...ofReceipt.map(name)])})::VARCHAR AS head
  FROM moved
)
-- A sale has at most 1000 lines.
SELECT *, (row_number() OVER (PARTITION BY file, moment, head ORDER BY row_in_file) - 1) // 1000 AS piece FROM grouped;

CREATE OR REPLACE TABLE csv.receipt AS
SELECT *, row_number() OVER (PARTITION BY digest ORDER BY file, moment, piece) AS nth
FROM (
  SELECT file, moment, head, piece, sha256(head || tail) AS digest, * EXCLUDE (file, moment, head, piece, tail) FROM (
    SELECT file, moment, head, piece, any_value("orderId") AS order_id, any_value("storeId") AS store_id,
      any_value(event_ms) AS event_ms, count(*) AS lines,
      to_json(list(${list(ofLine.map(name))} ORDER BY row_in_file))::VARCHAR AS tail
    FROM csv.row GROUP BY ALL
  )
);

CREATE OR REPLACE TABLE csv.found AS
WITH bronze AS (
  SELECT *, try(decode(body)) AS txt FROM lake.bronze_events
), sale AS (
  SELECT reject_reason, enqueued_at, partition_id, sequence, item, txt::JSON AS doc
  FROM bronze WHERE is_json(txt) AND json_type(txt) = 'OBJECT' AND json_extract_string(txt, '$.type') = 'sale'
), told AS (
  SELECT * EXCLUDE (doc), doc->>'$.eventId' AS event_id,
    sha256(to_json(${list([`coalesce(time_ms((doc->'$.eventTime'))::VARCHAR, (doc->>'$.eventTime'))`])} || ${said(ofReceipt, 'doc')})::VARCHAR
      || to_json(list_transform(json_extract(doc, '$.lines[*]'), lambda each: ${said(ofLine, 'each')}))::VARCHAR) AS digest
  FROM sale
)
SELECT *, row_number() OVER (PARTITION BY digest ORDER BY enqueued_at, partition_id, sequence, item) AS nth
FROM (
  SELECT DISTINCT ON (digest, event_id) * FROM told WHERE digest IN (SELECT digest FROM csv.receipt)
  ORDER BY digest, event_id, enqueued_at, partition_id, sequence, item
);
DELETE FROM csv.found WHERE (digest, nth) NOT IN (SELECT (digest, nth) FROM csv.receipt);

CREATE OR REPLACE TABLE csv.line AS
WITH priced AS (
  SELECT at_ms(receipt.event_ms)::DATE AS date, receipt.store_id, "productId" AS product_id, file, moment, head, piece,
    try_cast("quantity" AS DECIMAL(18, 0))::BIGINT AS quantity,
    (try_cast("unitPrice" AS DECIMAL(18, 4)) * 10000)::BIGINT AS e4, found.reject_reason
  FROM csv.row JOIN csv.receipt AS receipt USING (file, moment, head, piece)
    LEFT JOIN csv.found AS found USING (digest, nth)
), multiplied AS (
  SELECT * REPLACE (quantity * e4 AS e4) FROM priced
)
SELECT * EXCLUDE (e4), half_even(e4, (e4 % 100 + 100) % 100) AS cents FROM multiplied;
CREATE OR REPLACE TABLE csv.place AS SELECT DISTINCT date, store_id FROM csv.line;`
}

/** A column as the event is to hold it; constants as they are. */
function cell(field: string, { columns, constants, wholeNumbers }: CsvMap): string {
  if (!(field in columns)) return canonical(field, literal(String(constants[field])))
  const text = `nullif(${trimmed(field)}, '')`
  return canonical(field, wholeNumbers.includes(field) ? `regexp_replace(${text}, '^(-?\\d+)\\.0+$', '\\1')` : text)
}

/** What JavaScript takes for white space. */
const space = [
  9,
  10,
  11,
  12,
  13,
  32,
  160,
  0x1680,
  ...range(0x2000, 0x200a),
  0x2028,
  0x2029,
  0x202f,
  0x205f,
  0x3000,
  0xfeff,
]

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const trimmed = (field: string) =>
  `trim(coalesce(${name(field)}, ''), ${space.map((code) => `chr(${code})`).join(' || ')})`
const localText = trimmed('eventTime')

/** Numbers in one spelling: 6, 6.0 and 06 are the same quantity. */
function canonical(field: string, text: string): string {
  return numberFields.includes(field) ? `coalesce(try_cast(${text} AS DOUBLE)::VARCHAR, ${text})` : text
}

/** A token of a time format: what it looks like, and what DuckDB calls it. */
const timeTokens: Readonly<Record<string, readonly [shape: string, strptime: string]>> = {
  yyyy: ['\\d{4}', '%Y'],
  MM: ['\\d{2}', '%m'],
  M: ['\\d{1,2}', '%-m'],
  dd: ['\\d{2}', '%d'],
  d: ['\\d{1,2}', '%-d'],
  HH: ['\\d{2}', '%H'],
  H: ['\\d{1,2}', '%-H'],
  mm: ['\\d{2}', '%M'],
  ss: ['\\d{2}', '%S'],
}

/** SQL of the local time in `local_text`, null for a text of another shape: strptime alone takes 25 for the year 2025. */
function localTime({ time }: CsvMap): string {
  const parts = time.format.match(/yyyy|MM?|dd?|HH?|mm|ss|[^]/g) ?? []
  const shape = parts.map((part) => timeTokens[part]?.[0] ?? part.replace(/[^A-Za-z0-9 ]/, '[$&]')).join('')
  const format = parts.map((part) => timeTokens[part]?.[1] ?? part.replace('%', '%%')).join('')
  return `CASE WHEN regexp_full_match(local_text, ${literal(shape)}) THEN try_strptime(local_text, ${literal(format)}) END`
}

const receiptKey = ['event_time', 'store_id', 'order_id', 'digest']
const dayKey = ['date', 'store_id', 'product_id']
const sums = ['total_qty', 'total_revenue', 'transactions']

/** The same sums from the files: their receipts, and whatever else the hub took for these stores on these days. */
function sumsOfFiles(counted: string): string {
  return `SELECT date, store_id, product_id, sum(quantity)::BIGINT AS total_qty,
      money(sum(cents)::BIGINT) AS total_revenue, sum(transactions)::BIGINT AS transactions
    FROM (
      SELECT date, store_id, product_id, sum(quantity) AS quantity, sum(cents) AS cents, 1 AS transactions
      FROM csv.line WHERE reject_reason IS NULL GROUP BY date, store_id, product_id, file, moment, head, piece
      UNION ALL
      SELECT date, store_id, product_id, quantity, cents, 1 FROM truth.part
      WHERE ${counted} AND (date, store_id) IN (SELECT (date, store_id) FROM csv.place)
    ) GROUP BY ALL`
}

const isReplayed = `coalesce(event_id IN (SELECT event_id FROM csv.found), false)`

/** Checks of one source, after its script has run. */
export function csvComparisons(source: string): Readonly<Record<'bronze' | 'silver' | 'gold', Comparison>> {
  const stores = '(date, store_id) IN (SELECT (date, store_id) FROM csv.place)'
  return {
    bronze: {
      name: `csv ${source}`,
      about: 'every receipt of the files is there, with all its lines',
      expected: `SELECT at_ms(event_ms) AS event_time, store_id, order_id, digest, count(*) AS events, sum(lines)::BIGINT AS lines
        FROM csv.receipt GROUP BY ALL`,
      got: `SELECT at_ms(event_ms) AS event_time, store_id, order_id, digest, count(*) AS events, sum(lines)::BIGINT AS lines
        FROM csv.receipt JOIN csv.found USING (digest, nth) GROUP BY ALL`,
      key: receiptKey,
      values: ['events', 'lines'],
    },
    silver: {
      name: `csv ${source}`,
      about: 'sales_1m adds up to the rows of the files, by day, store and product',
      expected: sumsOfFiles(`counts AND (occurrence > 1 OR NOT ${isReplayed})`),
      got: `SELECT window_start::DATE AS date, store_id, product_id, sum(total_qty)::BIGINT AS total_qty,
          sum(total_revenue)::DECIMAL(18, 2) AS total_revenue, sum(transactions)::BIGINT AS transactions
        FROM (FROM lake.sales_1m UNION ALL BY NAME SELECT * EXCLUDE (closed) FROM pg.sales_1m WHERE NOT closed)
        WHERE (window_start::DATE, store_id) IN (SELECT (date, store_id) FROM csv.place) GROUP BY ALL`,
      key: dayKey,
      values: sums,
    },
    gold: {
      name: `csv ${source}`,
      about: 'gold_daily_sales adds up to the rows of the files, by day, store and product',
      expected: `SELECT * FROM (${sumsOfFiles(`first_of_day AND NOT ${isReplayed}`)})
        WHERE date IN (SELECT date FROM lake.gold_daily_sales)`,
      got: `SELECT * FROM lake.gold_daily_sales WHERE ${stores}`,
      key: dayKey,
      values: sums,
    },
  }
}

/** Figures of one source, after its script has run: a query of one row. */
export const csvFigures = `SELECT count(*) AS receipts, sum(lines)::BIGINT AS rows,
  count(*) FILTER (reject_reason IS NOT NULL) AS rejectedReceipts,
  coalesce(sum(lines) FILTER (reject_reason IS NOT NULL), 0)::BIGINT AS rejectedRows,
  (SELECT coalesce(list(date::VARCHAR ORDER BY date), []) FROM (
    SELECT DISTINCT date FROM csv.line WHERE reject_reason IS NULL AND date NOT IN (SELECT date FROM lake.gold_daily_sales)
  )) AS datesNotBatched
  FROM csv.receipt LEFT JOIN csv.found USING (digest, nth)`
