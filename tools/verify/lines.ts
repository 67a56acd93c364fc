/*
 * What the lines of a receipt come to, by docs/events.md and docs/metrics.md, in whole minor units: written a second time,
 * and nothing is taken from the decoder.
 */

/** What amounts depend on besides the event. */
export interface Meaning {
  /** ISO 4217. */
  readonly currency: string
  /** Kinds of products whose lines say none; absent: none. */
  readonly productKinds?: ReadonlyMap<string, string>
}

/** Currencies without two decimals: ISO 4217, list one, amendment 179 and those since. */
const withoutTwo: Readonly<Record<string, number>> = {
  ...digits(0, 'BIF,CLP,DJF,GNF,ISK,JPY,KMF,KRW,PYG,RWF,UGX,UYI,VND,VUV,XAF,XOF,XPF'),
  ...digits(3, 'BHD,IQD,JOD,KWD,LYD,OMR,TND'),
  ...digits(4, 'CLF,UYW'),
}

function digits(number: number, codes: string): Readonly<Record<string, number>> {
  return Object.fromEntries(codes.split(',').map((code) => [code, number]))
}

/** Digits after the point of a currency's minor unit. */
export function digitsOf(currency: string): number {
  return withoutTwo[currency] ?? 2
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

/**
 * SQL that makes, of the sales in `truth.judged` that fit the contract field by field:
 * - `truth.priced`: their lines, with kind, pieces, thousandths measured, value, discount, amount and tax in minor units;
 *   `sign` is −1 for a receipt that voids another
 * - `truth.bill`: what the receipts say besides
 * - `truth.misfit`: receipts whose amounts do not fit each other
 */
export function pricedLines({ currency, productKinds = new Map() }: Meaning): string {
  const kinds = Array.from(productKinds, ([product, kind]) => `(${quoted(product)}, ${quoted(kind)})`)
  return `
SET VARIABLE minor_digits = ${digitsOf(currency)};
CREATE TABLE truth.product_kind (product_id VARCHAR, kind VARCHAR);
${kinds.length === 0 ? '' : `INSERT INTO truth.product_kind VALUES ${kinds.join(', ')};`}
CREATE MACRO ten_to(n) AS ([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000]::HUGEINT[])[n + 1];
-- Half to even, of either sign alike.
CREATE MACRO rounded(units, per) AS sign(units)::BIGINT * (abs(units) // per + CASE
  WHEN 2 * (abs(units) % per) > per OR (2 * (abs(units) % per) = per AND (abs(units) // per) % 2 = 1) THEN 1 ELSE 0 END);
CREATE MACRO minor_of(units, places) AS
  rounded(units::HUGEINT * ten_to(getvariable('minor_digits')), ten_to(places))::BIGINT;
CREATE MACRO e4_of(v) AS (text_of(v)::DECIMAL(18, 4) * 10000)::BIGINT;
${statements}`
}

const statements = `
CREATE TABLE truth.bill AS
SELECT partition_id, sequence, item, CASE WHEN voids IS NULL THEN 1 ELSE -1 END AS sign, text_of(voids) AS voids,
  coalesce(minor_of(e4_of(discount), 4), 0) AS discount, coalesce(minor_of(e4_of(tip), 4), 0) AS tip,
  coalesce(text_of("taxIncluded") = 'true', false) AS tax_included, text_of("paymentMethod") AS paid_by,
  coalesce(text_of(edition)::DECIMAL(18, 0)::BIGINT, 1) AS edition
FROM truth.judged WHERE type = 'sale';

CREATE TABLE truth.valued AS
WITH taken AS (
  SELECT partition_id, sequence, item, unnest(json_extract(lines, '$[*]')) AS body,
    unnest(range(1, json_array_length(lines)::BIGINT + 1)) AS line
  FROM truth.judged WHERE type = 'sale'
), read AS (
  SELECT partition_id, sequence, item, line, text_of(body->'$.productId') AS product_id,
    text_of(body->'$.category') AS category, text_of(body->'$.brand') AS brand,
    coalesce(text_of(body->'$.unit'), 'each') AS unit, text_of(body->'$.kind') AS said_kind,
    (text_of(body->'$.quantity')::DECIMAL(18, 3) * 1000)::BIGINT AS milli, e4_of(body->'$.unitPrice') AS price_e4,
    e4_of(body->'$.amount') AS amount_e4, coalesce(minor_of(e4_of(body->'$.discount'), 4), 0) AS own_discount,
    e4_of(body->'$.taxRate') AS rate_e4, minor_of(e4_of(body->'$.taxAmount'), 4) AS said_tax
  FROM taken
), named AS (
  SELECT read.*, coalesce(said_kind, kind, 'goods') AS named
  FROM read LEFT JOIN truth.product_kind USING (product_id)
)
SELECT * EXCLUDE (said_kind, named), milli::HUGEINT * price_e4 AS e7,
  CASE WHEN named = 'goods' AND price_e4 < 0 THEN 'adjustment' ELSE named END AS kind,
  CASE WHEN amount_e4 IS NULL THEN minor_of(milli::HUGEINT * price_e4, 7) ELSE minor_of(amount_e4, 4) END AS value
FROM named;

-- A discount of the receipt is spread over the goods it sells, or, where it sells none, over those it takes back. Of one
-- that voids another, all signs are turned round.
CREATE TABLE truth.total AS
SELECT partition_id, sequence, item, sign, tax_included,
  any_value(bill.discount) + coalesce(sum(abs(value)) FILTER (kind = 'discount'), 0) AS off,
  coalesce(bool_or(kind = 'goods' AND value * sign > 0), false) AS sells,
  coalesce(CASE WHEN sells THEN sum(abs(value) - own_discount) FILTER (kind = 'goods' AND value * sign > 0)
    ELSE sum(abs(value) - own_discount) FILTER (kind = 'goods') END, 0) AS most,
  sum(abs(value)) > ten_to(getvariable('minor_digits')) * 1000000000 OR bool_or(
    (amount_e4 IS NULL AND abs(e7) > 10000000000000000) OR own_discount > abs(value)
    OR value * sign(milli)::BIGINT * CASE WHEN price_e4 < 0 THEN -1 ELSE 1 END < 0) AS faulty
FROM truth.valued JOIN truth.bill AS bill USING (partition_id, sequence, item) GROUP BY ALL;

CREATE TABLE truth.misfit AS SELECT partition_id, sequence, item FROM truth.total WHERE faulty OR off > most;

CREATE TABLE truth.priced AS
WITH weighed AS (
  SELECT valued.*, sign, tax_included, off::HUGEINT AS off, most::HUGEINT AS most,
    kind = 'goods' AND (NOT sells OR value * sign > 0) AND off > 0 AS shares,
    CASE WHEN shares THEN abs(value) - own_discount ELSE 0 END AS weight
  FROM truth.valued AS valued JOIN truth.total USING (partition_id, sequence, item)
  WHERE (partition_id, sequence, item) NOT IN (SELECT (partition_id, sequence, item) FROM truth.misfit)
), cut AS (
  SELECT *, coalesce(off * weight // most, 0) AS floor, coalesce(off * weight % most, 0) AS remainder FROM weighed
), placed AS (
  SELECT *, row_number() OVER (PARTITION BY partition_id, sequence, item, shares ORDER BY remainder DESC, line) AS place,
    off - sum(floor) OVER (PARTITION BY partition_id, sequence, item) AS missing
  FROM cut
), discounted AS (
  SELECT *, (own_discount + floor + (shares AND place <= missing)::BIGINT)::BIGINT AS discount,
    (value - sign(value)::BIGINT * discount)::BIGINT AS amount, milli % 1000 = 0 AND unit = 'each' AS is_pieces
  FROM placed
)
SELECT partition_id, sequence, item, line, sign, product_id, category, brand, kind, unit, milli,
  CASE WHEN is_pieces THEN milli // 1000 ELSE sign(milli)::BIGINT END AS pieces,
  CASE WHEN is_pieces THEN 0 ELSE milli END AS measured, value, discount, amount,
  CASE WHEN kind NOT IN ('goods', 'shipping', 'fee') THEN 0
    ELSE coalesce(said_tax, rounded(amount::HUGEINT * rate_e4, CASE WHEN tax_included THEN 10000 + rate_e4 ELSE 10000 END)::BIGINT, 0)
  END AS tax
FROM discounted;
DROP TABLE truth.valued;
DROP TABLE truth.total;
`
