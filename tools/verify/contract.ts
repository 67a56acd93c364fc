/**
 * The wire contract of docs/events.md as SQL. Written a second time, for an engine that shares no code with the
 * decoder: what the decoder let in must fit this, and what it kept out must not, for the same reason.
 */

import { type Meaning, pricedLines } from './lines'

/** SQL that is true when the JSON in column `v` fits; anything but true means it does not. */
type Fits = (v: string) => string

interface Field {
  readonly need: 'required' | 'optional'
  readonly fits: Fits
}

/** What the installation is configured to let in. */
export interface Limits extends Meaning {
  readonly maxAheadMs: number
  readonly maxBehindMs: number
  readonly maxEventBytes: number
}

const required = (fits: Fits): Field => ({ need: 'required', fits })
const optional = (fits: Fits): Field => ({ need: 'optional', fits })

const text =
  (most: number): Fits =>
  (v) =>
    `is_text(${v}, ${most})`
const word =
  (...words: readonly string[]): Fits =>
  (v) =>
    `(is_text(${v}, 64) AND text_of(${v}) IN (${words.map((each) => `'${each}'`).join(', ')}))`
const whole =
  (least: number, most: number): Fits =>
  (v) =>
    `is_whole(${v}, ${least}, ${most})`
const decimal =
  (least: number, most: number): Fits =>
  (v) =>
    `is_decimal(${v}, ${least}, ${most})`

const money = decimal(-1_000_000_000, 1_000_000_000)

const identity = {
  eventId: required((v) => `is_id(${v})`),
  eventTime: required((v) => `time_ms(${v}) >= 0`),
  schemaVersion: optional(whole(1, 1_000_000)),
}
const context = {
  storeId: required(text(128)),
  region: optional(text(128)),
  city: optional(text(128)),
  country: optional(text(128)),
  storeZone: optional((v) => `is_zone(${v})`),
  channel: optional(word('store', 'web', 'app')),
  customerId: optional(text(128)),
  customerSegment: optional(word('B2C', 'B2B')),
  sessionId: optional(text(128)),
  orderId: optional(text(128)),
}
const currency = optional((v) => `is_currency(${v})`)

type Fields = Readonly<Record<string, Field>>

const line: Fields = {
  productId: required(text(128)),
  category: optional(text(128)),
  brand: optional(text(128)),
  quantity: required((v) => `(is_decimal3(${v}, -1000000, 1000000) AND number_of(${v}) <> 0)`),
  unitPrice: required(decimal(-1_000_000, 1_000_000)),
  amount: optional(money),
  unit: optional(word('each', 'kg', 'l', 'm')),
  discount: optional(decimal(0, 1_000_000_000)),
  taxRate: optional(decimal(0, 1)),
  taxAmount: optional(money),
  kind: optional(word('goods', 'gift_card', 'shipping', 'fee', 'discount', 'adjustment')),
  promotionId: optional(text(128)),
}

/** Not a macro: DuckDB does not bind one with a lambda around others. */
function lines(v: string): string {
  const each = fitting(line, (field) => `(line->'$.${field}')`)
  return `(json_type(${v}) = 'ARRAY' AND json_array_length(${v}) BETWEEN 1 AND 1000
    AND list_bool_and(list_transform(json_extract(${v}, '$[*]'), lambda line: json_type(line) = 'OBJECT' AND ${each})))`
}

const events: Readonly<Record<string, Fields>> = {
  sale: {
    ...identity,
    ...context,
    lines: required(lines),
    paymentMethod: required(text(64)),
    salesperson: optional(text(128)),
    discount: optional(decimal(0, 1_000_000_000)),
    tip: optional(money),
    taxIncluded: optional((v) => `json_type(${v}) = 'BOOLEAN'`),
    voids: optional(text(128)),
    edition: optional(whole(1, 1_000_000)),
    currency,
  },
  payment: {
    ...identity,
    ...context,
    orderId: required(text(128)),
    amount: required(money),
    method: required(text(64)),
    status: required(word('succeeded', 'failed')),
    failureReason: optional(text(256)),
    currency,
  },
  stock: {
    ...identity,
    ...context,
    productId: required(text(128)),
    onHand: required(whole(0, 1_000_000_000)),
    reason: required(word('count', 'delivery', 'adjustment')),
  },
  activity: {
    ...identity,
    ...context,
    action: required(word('view', 'add_to_cart', 'checkout')),
    productId: optional(text(128)),
    category: optional(text(128)),
    device: optional(text(64)),
  },
  pulse: identity,
}

const macros = `
-- The arrow would bind weaker than what stands around it.
CREATE MACRO text_of(v) AS json_extract_string(v, '$');
CREATE MACRO number_of(v) AS try_cast(text_of(v) AS DOUBLE);
CREATE MACRO is_number(v) AS json_type(v) IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE');
CREATE MACRO is_text(v, most) AS
  json_type(v) = 'VARCHAR' AND length(text_of(v)) BETWEEN 1 AND most AND NOT regexp_matches(text_of(v), '\\p{Cc}');
CREATE MACRO is_whole(v, least, most) AS
  is_number(v) AND number_of(v) BETWEEN least AND most AND number_of(v) = floor(number_of(v));
CREATE MACRO is_decimal(v, least, most) AS
  is_number(v) AND number_of(v) BETWEEN least AND most AND try_cast(text_of(v) AS DECIMAL(28, 4))::DOUBLE = number_of(v);
CREATE MACRO is_decimal3(v, least, most) AS
  is_number(v) AND number_of(v) BETWEEN least AND most AND try_cast(text_of(v) AS DECIMAL(28, 3))::DOUBLE = number_of(v);
CREATE MACRO is_zone(v) AS is_text(v, 64) AND regexp_full_match(text_of(v), '[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*');
CREATE MACRO is_id(v) AS json_type(v) = 'VARCHAR' AND regexp_full_match(text_of(v),
  '[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}');
CREATE MACRO is_currency(v) AS json_type(v) = 'VARCHAR' AND regexp_full_match(text_of(v), '[A-Z]{3}');
-- DuckDB reads more shapes than the contract allows, and not the one without seconds.
CREATE MACRO time_ms(v) AS CASE
  WHEN json_type(v) = 'VARCHAR' AND regexp_full_match(text_of(v),
    '\\d{4}-\\d\\d-\\d\\dT([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)')
  THEN epoch_ms(try_cast(regexp_replace(text_of(v), '(T\\d\\d:\\d\\d)([Z+-])', '\\1:00\\2') AS TIMESTAMPTZ)) END;`

/** SQL that is true when every field of an event, or of a line, fits; `valueOf` says where a field's JSON is. */
function fitting(fields: Fields, valueOf: (field: string) => string): string {
  const tests = Object.entries(fields).map(([field, { need, fits }]) => {
    const value = valueOf(field)
    // JSON null is a value that does not fit; a field that is not there is SQL NULL.
    return need === 'required'
      ? `coalesce(${fits(value)}, false)`
      : `(${value} IS NULL OR coalesce(${fits(value)}, false))`
  })
  return tests.join('\n      AND ')
}

/**
 * SQL that makes `truth.event` of `truth.item`: each item with the reason it has to be rejected for, null for none, and
 * the columns later steps work with; and what `pricedLines` makes of the sales. `maxEventBytes` holds for the bytes of one event.
 */
export function verdicts(limits: Limits): string {
  const { currency, maxAheadMs, maxBehindMs, maxEventBytes } = limits
  const names = [...new Set(['type', 'currency', ...Object.values(events).flatMap(Object.keys)])]
  const paths = names.map((name) => `'$.${name}'`).join(', ')
  const columns = names.map((name, index) => `field[${index + 1}] AS "${name}"`).join(', ')
  const cases = Object.entries(events).map(
    ([type, fields]) => `WHEN '${type}' THEN ${fitting(fields, (name) => `"${name}"`)}`,
  )
  return `${macros}
CREATE TABLE truth.judged AS
WITH spread AS (
  SELECT *, CASE WHEN json_type(doc) = 'OBJECT' THEN json_extract(doc, [${paths}]) END AS field FROM truth.item
), named AS (
  SELECT partition_id, sequence, item, enqueued_ms, form, doc, bytes, ${columns} FROM spread
), judged AS (
  SELECT *, coalesce(CASE WHEN json_type(type) = 'VARCHAR' THEN CASE text_of(type) ${cases.join('\n    ')} END END, false)
    AS fits
  FROM named
), timed AS (
  SELECT * EXCLUDE (type), CASE WHEN fits THEN text_of(type) END AS type, CASE WHEN fits THEN time_ms("eventTime") END AS event_ms
  FROM judged
)
SELECT * FROM timed;
${pricedLines(limits)}
CREATE TABLE truth.event AS
SELECT partition_id, sequence, item, enqueued_ms, doc, type, event_ms, text_of("eventId") AS event_id,
  -- What an id is compared as: letters of either case, within its store.
  upper(text_of("eventId")) || ' ' || coalesce(text_of("storeId"), '') AS identity, text_of("storeId") AS store_id, text_of("customerId") AS customer_id,
  CASE
    WHEN form = 'not-json' THEN 'not-json'
    WHEN form = 'empty' THEN 'schema'
    WHEN form = 'too-many' OR bytes > ${maxEventBytes} THEN 'too-large'
    WHEN NOT fits THEN 'schema'
    WHEN currency IS NOT NULL AND text_of(currency) IS DISTINCT FROM '${currency.replaceAll("'", "''")}' THEN 'currency'
    WHEN (partition_id, sequence, item) IN (SELECT (partition_id, sequence, item) FROM truth.misfit) THEN 'schema'
    WHEN event_ms - enqueued_ms > ${maxAheadMs} THEN 'future'
    ${maxBehindMs === Infinity ? '' : `WHEN enqueued_ms - event_ms > ${maxBehindMs} THEN 'past'`}
  END AS verdict
FROM truth.judged;
DROP TABLE truth.judged;`
}
