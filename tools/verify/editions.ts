// Tested in test/tools/verify/csv.test.ts.
import { type Comparison } from './compare'

const turned = (field: string) => `-((each->>'$.${field}')::DECIMAL(18, 4))`
const same = (field: string) => `(each->>'$.${field}')::DECIMAL(18, 4)`

/** A line as a text: what it is of, and its figures as they are or with the opposite sign. */
const lineText = (figure: (field: string) => string) =>
  `concat_ws('|', each->>'$.productId', ${same('unitPrice')}, ${same('discount')}, ${figure('quantity')},
    coalesce(${figure('amount')}, 0), coalesce(${figure('taxAmount')}, 0))`

const linesOf = (figure: (field: string) => string) =>
  `list_transform(json_extract(doc, '$.lines[*]'), lambda each: ${lineText(figure)})::VARCHAR`

/**
 * SQL that makes `csv.edition` of the sales in bronze that count: orders of replayed files, told and taken back. The id of
 * what takes an event back follows from its id: version 8 of a UUID over SHA-256 of `["void",id]`.
 */
export const editionsScript = `
CREATE SCHEMA IF NOT EXISTS csv;
CREATE OR REPLACE MACRO csv.uuid_of(hex) AS concat_ws('-', substr(hex, 1, 8), substr(hex, 9, 4), '8' || substr(hex, 14, 3),
  substr('89ab', (strpos('0123456789abcdef', substr(hex, 17, 1)) - 1) % 4 + 1, 1) || substr(hex, 18, 3), substr(hex, 21, 12));
CREATE OR REPLACE MACRO csv.void_id(id) AS csv.uuid_of(sha256('["void","' || id || '"]'));
CREATE OR REPLACE TABLE csv.edition AS
WITH sale AS (
  SELECT event_id, try(decode(body))::JSON AS doc FROM lake.bronze_events WHERE reject_reason IS NULL AND type = 'sale'
)
SELECT DISTINCT ON (event_id) event_id, csv.void_id(event_id) AS void_id, doc->>'$.orderId' AS order_id,
  (doc->>'$.edition')::INTEGER AS edition, doc->>'$.voids' IS NOT NULL AS is_void,
  ${linesOf(same)} AS lines, ${linesOf(turned)} AS opposite
FROM sale WHERE doc->>'$.edition' IS NOT NULL ORDER BY event_id;`

/** What holds of the editions of orders, whatever the files say; after the script has run. */
export const editionComparisons: readonly Comparison[] = [
  {
    name: 'taken back',
    about: 'what takes an edition of an order back is its opposite, line by line',
    expected: `SELECT void_id AS event_id, order_id, opposite AS lines FROM csv.edition
      WHERE void_id IN (SELECT event_id FROM csv.edition WHERE is_void)`,
    got: `SELECT event_id, order_id, lines FROM csv.edition WHERE is_void AND event_id IN (SELECT void_id FROM csv.edition)`,
    key: ['event_id'],
    values: ['order_id', 'lines'],
  },
  {
    name: 'editions',
    about: 'where a later edition of an order has come, the one before it is taken back',
    expected: `SELECT order_id, edition - 1 AS edition, count(*) AS taken_back FROM csv.edition
      WHERE edition > 1 AND NOT is_void AND order_id IS NOT NULL GROUP BY ALL`,
    got: `SELECT later.order_id, later.edition - 1 AS edition,
        least(count(DISTINCT later.event_id), count(DISTINCT void.event_id)) AS taken_back
      FROM csv.edition AS later JOIN csv.edition AS earlier
          ON earlier.order_id = later.order_id AND earlier.edition = later.edition - 1 AND NOT earlier.is_void
        JOIN csv.edition AS void ON void.event_id = earlier.void_id
      WHERE NOT later.is_void GROUP BY ALL`,
    key: ['order_id', 'edition'],
    values: ['taken_back'],
  },
]
