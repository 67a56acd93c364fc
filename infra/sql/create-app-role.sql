-- Run in the database "postgres" by the administrator, with tillstream.app_role and tillstream.app_object_id set.
-- Makes the login of the app's identity, or points the one that is there to the identity, should that have been made anew.
DO $$
DECLARE
  app_role  text := current_setting('tillstream.app_role');
  object_id text := current_setting('tillstream.app_object_id');
  known     boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app_role) THEN
    -- Neither an administrator nor bound to multi-factor authentication.
    PERFORM pgaadauth_create_principal_with_oid(app_role, object_id, 'service', false, false);
    RETURN;
  END IF;
  -- By value: the service's documents and its answers differ in the names of the columns.
  SELECT count(*) > 0 INTO known
  FROM pgaadauth_list_principals(false) AS principal
  WHERE to_jsonb(principal) @? format('$.* ? (@ == %s)', to_json(app_role))::jsonpath
    AND to_jsonb(principal) @? format('$.* ? (@ == %s)', to_json(object_id))::jsonpath;
  IF NOT known THEN
    EXECUTE format('SECURITY LABEL FOR "pgaadauth" ON ROLE %I IS %L', app_role, 'aadauth,oid=' || object_id || ',type=service');
  END IF;
END
$$;
