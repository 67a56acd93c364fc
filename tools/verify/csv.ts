import { type CsvMap, lineFields, numberFields, receiptFields } from '../../generator/csv-map'
import { type Comparison } from './compare'
import { literal } from './engine'

/** Recorded sales that were replayed: the files themselves and what their columns mean. */
export interface CsvSource {
  readonly files: readonly string[]
  readonly map: CsvMap
}

const name = (field: string) => `"${field}"`

/**
 * SQL that reads the files anew and makes of them
 * - `csv.receipt`: what should have been sent, one row per event; `digest` is of all it says, `nth` tells apart those
 *   that say the same
 * - `csv.line`: its lines, quantity and whole cents
 * - `csv.found`: which event in bronze each receipt is, and what became of it
 */
export function csvScript({ files, map }: CsvSource): string {
  const fields = (names: readonly string[]) =>
    names.filter((field) => field !== 'eventTime' && (field in map.columns || field in map.constants))
  const [ofReceipt, ofLine] = [fields(receiptFields), fields(lineFields)]
  const list = (items: readonly string[]) => `[${items.join(', ')}]::VARCHAR[]`
  const said = (names: readonly string[], doc: string) =>
    list(names.map((field) => canonical(field, `(${doc}->>'$.${field}')`)))
  return `
CREATE SCHEMA IF NOT EXISTS csv;
CREATE OR REPLACE TABLE csv.row AS
WITH read AS (
  SELECT list_position([${files.map(literal).join(', ')}], in_file) AS file, row_number() OVER () AS row_in_file,
    ${[...ofReceipt, ...ofLine].map((field) => `${cell(field, map)} AS ${name(field)}`).join(',\n    ')},
    ${trimmed(map.columns.eventTime ?? '')} AS local_text
  FROM read_csv([${files.map(literal).join(', ')}], header = true, all_varchar = true, delim = ',', quote = '"',
    escape = '"', union_by_name = true, filename = 'in_file')
), local AS (
  SELECT *, try_strptime(local_text, ${literal(strptimeFormat(map.time.format))}) AS local_time FROM read
), zoned AS (
  SELECT *, local_time AT TIME ZONE ${literal(map.time.zone)} AS latest FROM local
), timed AS (
  -- Of an hour the clocks run through twice the first is meant, and DuckDB takes the second.
  SELECT * EXCLUDE (latest, local_time), epoch_ms(CASE
    WHEN (latest - INTERVAL 1 HOUR) AT TIME ZONE ${literal(map.time.zone)} = local_time THEN latest - INTERVAL 1 HOUR
    ELSE latest END) AS event_ms
  FROM zoned
), moved AS (
  SELECT *, coalesce(local_text <> lag(local_text) OVER (PARTITION BY file ORDER BY row_in_file), true) AS is_new_moment
  FROM timed
), grouped AS (
  SELECT *, sum(is_new_moment::INTEGER) OVER (PARTITION BY file ORDER BY row_in_file) AS moment,
    to_json(${list([`coalesce(event_ms::VARCHAR, local_text)`, ...ofReceipt.map(name)])})::VARCHAR AS head
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
  const column = columns[field]
  if (column === undefined) return canonical(field, literal(String(constants[field])))
  const text = `nullif(${trimmed(column)}, '')`
  return canonical(field, wholeNumbers.includes(field) ? `regexp_replace(${text}, '^(-?\\d+)\\.0+$', '\\1')` : text)
}

const trimmed = (column: string) =>
  `trim(coalesce("${column.replaceAll('"', '""')}", ''), E' \\t\\r\\n' || chr(160) || chr(65279))`

/** Numbers in one spelling: 6, 6.0 and 06 are the same quantity. */
function canonical(field: string, text: string): string {
  return numberFields.includes(field) ? `coalesce(try_cast(${text} AS DOUBLE)::VARCHAR, ${text})` : text
}

const strptimeTokens: Readonly<Record<string, string>> = {
  yyyy: '%Y',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  mm: '%M',
  ss: '%S',
}

function strptimeFormat(format: string): string {
  return format.replace(/yyyy|MM?|dd?|HH?|mm|ss|%/g, (token) => strptimeTokens[token] ?? '%%')
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
