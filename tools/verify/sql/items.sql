-- Every message of the hub taken apart into events, as docs/events.md says it: one for a body that is an object, one
-- for each element of an array, and the whole body as one where it is neither.
CREATE SCHEMA truth;

-- DuckDB's reader lets pass what RFC 8259 does not: a comma after the last element, NaN and Infinity.
CREATE MACRO bare(txt) AS regexp_replace(txt, '"(\\.|[^"\\])*"', '""', 'g');
CREATE MACRO is_json(txt) AS coalesce(json_valid(txt) AND NOT regexp_matches(bare(txt), ',\s*[\]}]|(?i:nan|inf)'), false);

CREATE TABLE truth.body AS
WITH read AS (
  SELECT *, try(decode(body)) AS txt FROM hub.message
), unmarked AS (
  -- A byte order mark is no part of the JSON (RFC 8259 section 8.1).
  SELECT * REPLACE (CASE WHEN starts_with(txt, chr(65279)) THEN txt[2:] ELSE txt END AS txt) FROM read
), parsed AS (
  SELECT *, CASE WHEN is_json(txt) THEN txt::JSON END AS doc FROM unmarked
)
SELECT *,
  CASE
    WHEN doc IS NULL THEN 'not-json'
    WHEN json_type(doc) <> 'ARRAY' THEN 'one'
    WHEN json_array_length(doc) = 0 THEN 'empty'
    WHEN json_array_length(doc) > 10000 THEN 'too-many'
    ELSE 'many'
  END AS form
FROM parsed;

-- An element of an array has no bytes of its own that SQL could cut out. Those found in bronze are taken when they say
-- the same, stand in the body as they are, and have nothing around them; else they are wrong, whatever would be right.
CREATE TABLE truth.item AS
WITH element AS (
  SELECT partition_id, sequence, enqueued_ms, txt, unnest(json_extract(doc, '$[*]')) AS doc,
    unnest(range(json_array_length(doc)::BIGINT))::INTEGER AS item
  FROM truth.body WHERE form = 'many'
), cut AS (
  SELECT element.*, try(decode(found.body)) AS slice
  FROM element LEFT JOIN (SELECT DISTINCT ON (partition_id, sequence, item) * FROM lake.bronze_events) AS found
    USING (partition_id, sequence, item)
), held AS (
  SELECT *, contains(txt, slice) AND slice = trim(slice, E' \t\r\n') AND is_json(slice) AND json(slice) = doc::VARCHAR
    AS is_element
  FROM cut
)
SELECT partition_id, sequence, item, enqueued_ms, 'one' AS form, doc,
  CASE
    WHEN is_element THEN encode(slice)
    WHEN contains(txt, doc::VARCHAR) THEN encode(doc::VARCHAR)
    ELSE encode(txt)
  END AS raw,
  strlen(CASE WHEN is_element THEN slice ELSE doc::VARCHAR END) AS bytes
FROM held
UNION ALL
SELECT partition_id, sequence, 0, enqueued_ms, form, CASE WHEN form = 'one' THEN doc END,
  CASE WHEN form = 'one' THEN encode(txt) ELSE body END AS raw, octet_length(raw)
FROM truth.body WHERE form <> 'many'
UNION ALL
-- What the hub no longer holds can only be taken from bronze, as it is.
SELECT partition_id, sequence, item, epoch_ms(enqueued_at),
  CASE WHEN doc IS NULL THEN 'not-json' WHEN json_array_length(doc) > 10000 THEN 'too-many' ELSE 'one' END AS form,
  doc, body, octet_length(body)
FROM (
  SELECT bronze.*, CASE WHEN is_json(try(decode(body))) THEN decode(body)::JSON END AS doc
  FROM lake.bronze_events AS bronze JOIN hub.held USING (partition_id)
  WHERE sequence < first_sequence
);
