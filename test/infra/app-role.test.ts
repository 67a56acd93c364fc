import { Client } from 'pg'
import { createAppRole } from '../../infra/app-role'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'

/*
 * What only Azure's PostgreSQL has is put in its place: the functions of its Entra extension, which make a role and
 * know it again. Everything else is a real server.
 */
const extension = `
  CREATE TABLE principals (rolname text, principaltype text, objectid text, isadmin int);
  GRANT SELECT ON principals TO PUBLIC;
  CREATE FUNCTION pgaadauth_create_principal_with_oid(role text, oid text, kind text, is_admin boolean, is_mfa boolean)
  RETURNS text LANGUAGE plpgsql AS $$
  BEGIN
    EXECUTE format('CREATE ROLE %I LOGIN PASSWORD ''token''', role);
    INSERT INTO principals VALUES (role, kind, oid, is_admin::int);
    RETURN role;
  END $$;
  CREATE FUNCTION pgaadauth_list_principals(admins boolean)
  RETURNS SETOF principals LANGUAGE sql AS 'SELECT * FROM principals WHERE isadmin = 1 OR NOT admins';
`

const role = 'id-tillstream-dev'
const objectId = '11111111-2222-3333-4444-555555555555'

let server: TestWarehouse

async function query(statement: string, { database = 'tillstream', user = 'tillstream', password = 'test' } = {}) {
  const { host, port } = server.settings
  const client = new Client({ host, port, database, user, password })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

function create(given: { objectId?: string; user?: string; password?: string } = {}) {
  const { host, port } = server.settings
  const { user = 'tillstream', password = 'test' } = given
  const as = { host, port, user, password }
  return createAppRole({ server: as, database: 'tillstream', role, objectId: given.objectId ?? objectId })
}

beforeAll(async () => {
  server = await startTestWarehouse()
  await query(extension, { database: 'postgres' })
  await create()
})

afterAll(() => server.close())

const app = { user: role, password: 'token' }

test('the role is that of the identity, and no administrator', async () => {
  const known = await query('SELECT * FROM pgaadauth_list_principals(false)', { database: 'postgres' })
  expect(known).toEqual([{ rolname: role, principaltype: 'service', objectid: objectId, isadmin: 0 }])
})

test('the app reads and writes tables made before, and those that later migrations make', async () => {
  await query('CREATE TABLE later (n int)')
  await query('INSERT INTO later VALUES (1); UPDATE later SET n = 2; DELETE FROM later', app)
  expect(await query('SELECT count(*)::int AS n FROM sales_1m', app)).toEqual([{ n: 0 }])
  await query("INSERT INTO sink_position (stream, partition_id, sequence) VALUES ('s', 0, 1)", app)
})

test('the app changes no table and makes none', async () => {
  for (const statement of [
    'CREATE TABLE own (n int)',
    'DROP TABLE sales_1m',
    'TRUNCATE sales_1m',
    'CREATE ROLE other',
  ]) {
    await expect(query(statement, app)).rejects.toThrow(/permission denied|must be owner/)
  }
})

test('doing it again changes nothing', async () => {
  const grants = 'SELECT relname, relacl::text FROM pg_class WHERE relacl IS NOT NULL ORDER BY relname'
  const before = await query(grants)
  await create()
  expect(await query(grants)).toEqual(before)
})

test('an identity made anew under its name takes the role over', async () => {
  // As far as a server without the extension can go: it has no provider of that label.
  await expect(create({ objectId: '99999999-2222-3333-4444-555555555555' })).rejects.toThrow(
    'create-app-role.sql in postgres as tillstream: security label provider "pgaadauth" is not loaded',
  )
})

test('somebody who may not make tables is told who has to', async () => {
  await expect(create(app)).rejects.toThrow(
    `grant-app-role.sql in tillstream as ${role}: database tillstream: ${role} cannot make tables in it; run this and the`,
  )
})
