-- Every message of the hub taken apart into events, as docs/events.md says it: one for a body that is an object, one
-- for each element of an array or of `records`, and the whole body as one where it is none of these. What is packed is
-- unpacked before, what is in a CloudEvent is taken out after.
CREATE SCHEMA truth;

-- DuckDB's reader lets pass what RFC 8259 does not: a comma after the last element, NaN and Infinity.
CREATE MACRO bare(txt) AS regexp_replace(txt, '"(\\.|[^"\\])*"', '""', 'g');
CREATE MACRO is_json(txt) AS coalesce(json_valid(txt) AND NOT regexp_matches(bare(txt), ',\s*[\]}]|(?i:nan|inf)'), false);
-- An event has an id. What has none may be an envelope.
CREATE MACRO may_wrap(doc) AS json_type(doc) = 'OBJECT' AND NOT json_exists(doc, '$.eventId');
CREATE MACRO is_cloud_event(doc) AS coalesce(may_wrap(doc) AND json_exists(doc, '$.specversion'), false);
CREATE MACRO is_records(doc) AS
  coalesce(may_wrap(doc) AND NOT json_exists(doc, '$.specversion') AND json_type(doc, '$.records') = 'ARRAY', false);
-- A byte order mark is no part of the JSON (RFC 8259 section 8.1).
CREATE MACRO unmarked(txt) AS CASE WHEN starts_with(txt, chr(65279)) THEN txt[2:] ELSE txt END;

CREATE TABLE truth.body AS
WITH read AS (
  SELECT * EXCLUDE (unpacked), unmarked(try(decode(CASE packing WHEN 'none' THEN body WHEN 'gzip' THEN unpacked END))) AS txt
  FROM hub.message
), parsed AS (
  SELECT *, CASE WHEN is_json(txt) THEN txt::JSON END AS doc FROM read
), listed AS (
  SELECT *, CASE WHEN json_type(doc) = 'ARRAY' THEN doc WHEN is_records(doc) THEN doc->'$.records' END AS list FROM parsed
)
SELECT *,
  CASE
    WHEN packing = 'too-large' THEN 'too-many'
    WHEN doc IS NULL THEN 'not-json'
    WHEN list IS NULL THEN 'one'
    WHEN json_array_length(list) = 0 THEN 'empty'
    WHEN json_array_length(list) > 10000 THEN 'too-many'
    ELSE 'many'
  END AS form
FROM listed;

-- What stands for itself in a body: the elements of a list, and a CloudEvent that is the whole of it.
CREATE TABLE truth.element AS
WITH element AS (
  SELECT partition_id, sequence, enqueued_ms, body, txt, packing = 'gzip' OR is_records(doc) AS is_wrapped, is_records(doc) AS in_records,
    unnest(json_extract(list, '$[*]')) AS doc, unnest(range(json_array_length(list)::BIGINT))::INTEGER AS item
  FROM truth.body WHERE form = 'many'
  UNION ALL
  SELECT partition_id, sequence, enqueued_ms, body, txt, packing = 'gzip', false, doc, 0
  FROM truth.body WHERE form = 'one' AND is_cloud_event(doc)
), opened AS (
  SELECT *, CASE
      WHEN in_records OR NOT is_cloud_event(doc) THEN 'event'
      WHEN json_type(doc, '$.specversion') <> 'VARCHAR' OR (doc->>'$.specversion') <> '1.0' THEN 'fault'
      WHEN json_exists(doc, '$.data') THEN CASE WHEN json_exists(doc, '$.data_base64') THEN 'fault' ELSE 'data' END
      WHEN coalesce(json_type(doc, '$.data_base64'), '') <> 'VARCHAR' THEN 'fault'
      WHEN to_base64(try(from_base64(doc->>'$.data_base64'))) = (doc->>'$.data_base64') THEN 'base64'
      ELSE 'fault'
    END AS inside
  FROM element
), decoded AS (
  SELECT * REPLACE (CASE WHEN inside = 'base64' AND NOT is_json(inner_txt) THEN 'fault' ELSE inside END AS inside) FROM (
    SELECT *, CASE WHEN inside = 'base64' THEN unmarked(try(decode(try(from_base64(doc->>'$.data_base64'))))) END AS inner_txt
    FROM opened
  )
)
SELECT * REPLACE (
    CASE inside WHEN 'data' THEN doc->'$.data' WHEN 'base64' THEN inner_txt::JSON ELSE doc END AS doc,
    bool_or(is_wrapped OR inside IN ('data', 'base64')) OVER (PARTITION BY partition_id, sequence) AS is_wrapped
  )
FROM decoded;

-- A part of a body has no bytes of its own that SQL could cut out. Those found in bronze are taken when they say the
-- same, stand in the body as they are, and have nothing around them; else they are wrong, whatever would be right.
CREATE TABLE truth.item AS
WITH cut AS (
  SELECT element.*, try(decode(found.body)) AS slice
  FROM truth.element AS element
    LEFT JOIN (SELECT DISTINCT ON (partition_id, sequence, item) * FROM lake.bronze_events) AS found
    USING (partition_id, sequence, item)
), held AS (
  SELECT *, contains(txt, slice) AND slice = trim(slice, E' \t\r\n') AND is_json(slice) AND json(slice) = doc::VARCHAR
    AS is_element
  FROM cut
), valued AS (
  SELECT *, CASE
      WHEN inside = 'base64' THEN inner_txt
      -- The whole of a body with all there is around it, when it is the one thing in there.
      WHEN inside = 'fault' AND json(txt) = json(doc::VARCHAR) THEN txt
      WHEN is_element THEN slice
      WHEN contains(txt, doc::VARCHAR) THEN doc::VARCHAR
      ELSE txt
    END AS inner_raw
  FROM held
)
SELECT partition_id, sequence, item, enqueued_ms, CASE WHEN inside = 'fault' THEN 'empty' ELSE 'one' END AS form,
  CASE WHEN inside <> 'fault' THEN doc END AS doc, encode(inner_raw) AS raw,
  strlen(CASE WHEN inside = 'base64' OR is_element THEN inner_raw ELSE doc::VARCHAR END) AS bytes,
  CASE WHEN is_wrapped AND item = 0 THEN body END AS envelope
FROM valued
UNION ALL
SELECT partition_id, sequence, 0, enqueued_ms, form, CASE WHEN form = 'one' THEN doc END,
  CASE WHEN form = 'one' THEN encode(txt) ELSE body END AS raw, octet_length(raw),
  CASE WHEN form = 'one' AND packing = 'gzip' THEN body END
FROM truth.body WHERE form <> 'many' AND NOT (form = 'one' AND is_cloud_event(doc))
UNION ALL
-- What the hub no longer holds can only be taken from bronze, as it is: a row that is still packed is a body nothing came
-- out of, for the reason it has.
SELECT partition_id, sequence, item, epoch_ms(enqueued_at),
  CASE
    WHEN is_packed THEN CASE reject_reason WHEN 'too-large' THEN 'too-many' WHEN 'schema' THEN 'empty' ELSE 'not-json' END
    WHEN doc IS NULL THEN 'not-json'
    WHEN json_array_length(CASE WHEN is_records(doc) THEN doc->'$.records' ELSE doc END) > 10000 THEN 'too-many'
    ELSE 'one'
  END AS form,
  doc, body, octet_length(body), envelope
FROM (
  SELECT bronze.*, hex(body)[1:4] = '1F8B' AS is_packed, CASE WHEN is_json(try(decode(body))) THEN try(decode(body))::JSON END AS doc
  FROM lake.bronze_events AS bronze JOIN hub.held USING (partition_id)
  WHERE sequence < first_sequence
);
