-- Run in the app's database by the role that runs the migrations, with tillstream.app_role set.
-- The app reads and writes rows; it changes no table and makes none.
DO $$
DECLARE
  app_role text := current_setting('tillstream.app_role');
BEGIN
  IF NOT has_schema_privilege('public', 'CREATE') THEN
    RAISE EXCEPTION 'database %: % cannot make tables in it; run this and the migrations as the server''s administrator',
      current_database(), current_user;
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app_role);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', app_role);
  -- And on those that migrations are yet to make.
  EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', app_role);
END
$$;
