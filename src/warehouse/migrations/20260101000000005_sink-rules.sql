-- Up Migration

ALTER TABLE sink_position ADD COLUMN rules text NOT NULL DEFAULT '';

COMMENT ON COLUMN sink_position.rules IS 'Rules by which the partition''s rows were folded; those of others are refused. Empty: unknown.';

-- Down Migration

ALTER TABLE sink_position DROP COLUMN rules;
