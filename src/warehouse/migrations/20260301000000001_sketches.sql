-- Up Migration

-- A sketch counts different things in bounded space: the 65536 smallest of their 48-bit hashes, ascending, 6 bytes each
-- (KMV). Sketches of sets merge into the sketch of their union, so hours and days come from minutes.

CREATE FUNCTION sketch_of(sketches bytea[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_agg(hash, ''::bytea ORDER BY hash), ''::bytea)
  FROM (
    SELECT DISTINCT substr(sketch, at, 6) AS hash
    FROM unnest(sketches) AS sketch, generate_series(1, length(sketch), 6) AS at
    ORDER BY hash LIMIT 65536
  ) AS smallest
$$;

CREATE FUNCTION sketch_union(a bytea, b bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN coalesce(length(a), 0) = 0 THEN coalesce(b, ''::bytea)
    WHEN coalesce(length(b), 0) = 0 OR a = b THEN a
    ELSE sketch_of(ARRAY[a, b])
  END
$$;

CREATE AGGREGATE sketch_merge(bytea) (
  SFUNC = array_append, STYPE = bytea[], INITCOND = '{}', FINALFUNC = sketch_of, COMBINEFUNC = array_cat, PARALLEL = SAFE
);

-- Exact below 65536; beyond it (k - 1) / (the k-th smallest hash as a share of all hashes).
CREATE FUNCTION sketch_estimate(sketch bytea) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE
    WHEN length(sketch) < 6 * 65536 THEN length(sketch) / 6
    ELSE round(65535 * 281474976710656::numeric / ('x' || encode(substr(sketch, 6 * 65535 + 1, 6), 'hex'))::bit(48)::bigint)
  END::bigint
$$;

COMMENT ON FUNCTION sketch_of(bytea[]) IS 'The sketch of everything several sketches stand for.';
COMMENT ON FUNCTION sketch_union(bytea, bytea) IS 'The sketch of everything two sketches stand for.';
COMMENT ON AGGREGATE sketch_merge(bytea) IS 'The sketch of everything the sketches of many rows stand for.';
COMMENT ON FUNCTION sketch_estimate(bytea) IS 'How many different things a sketch stands for: exact below 65536, then within 2 %.';

ALTER TABLE store_1m ADD COLUMN unique_customers_sketch bytea;

COMMENT ON COLUMN store_1m.unique_customers IS 'Different known customers; exact below 65536, then within 2 %. Not additive: merge the sketches.';
COMMENT ON COLUMN store_1m.unique_customers_sketch IS 'What unique_customers is counted by; sketch_estimate(sketch_merge(…)) counts over many rows.';

-- Down Migration

COMMENT ON COLUMN store_1m.unique_customers IS 'Different customers among the sales that name one; every late sale counts its customer again.';
ALTER TABLE store_1m DROP COLUMN unique_customers_sketch;
DROP AGGREGATE sketch_merge(bytea);
DROP FUNCTION sketch_estimate(bytea);
DROP FUNCTION sketch_union(bytea, bytea);
DROP FUNCTION sketch_of(bytea[]);
