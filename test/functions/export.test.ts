import { join } from 'node:path'
import { buildDriver, cleanUp, forkHost, type HostProcess } from '../local/host/host-process'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'

/* The compiled function in the host, over HTTP, as a spreadsheet asks for it. `npm test` compiles first. */

let server: TestWarehouse
let host: HostProcess

beforeAll(async () => {
  server = await startTestWarehouse()
  buildDriver()
  host = await forkHost({
    entry: join(__dirname, '..', '..', 'dist', 'functions', 'export.js'),
    settings: {
      EventHubConnection: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;EntityPath=c',
      LAKE_URL: 'http://127.0.0.1:1/devstoreaccount1',
      POSTGRES_HOST: server.settings.host,
      POSTGRES_PORT: String(server.settings.port),
      POSTGRES_DATABASE: server.settings.database,
      POSTGRES_USER: server.settings.user,
      POSTGRES_PASSWORD: 'test',
      POSTGRES_TLS: 'off',
    },
  })
})
afterAll(async () => {
  await host.close()
  await cleanUp()
  await server.close()
})

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${host.port}/api/export${path}`, init)

test('a table comes as a CSV file, with a version that saves the next caller the rows', async () => {
  await server.warehouse.query(
    `INSERT INTO sales_1m VALUES ('2026-03-02T10:00Z', 'Überlingen', 'tea', 1, 2.00, 1, true, 0, 1)`,
  )
  const path = '/sales_1m.csv?from=2026-03-02&to=2026-03-03&code=key'
  const response = await get(path)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
  expect((await response.text()).split('\r\n')[1]).toBe(
    '2026-03-02T10:00:00.000Z,Überlingen,tea,1,2.00,1,true,1,0,0,0,0',
  )
  const again = await get(path, { headers: { 'if-none-match': response.headers.get('etag') ?? '' } })
  expect([again.status, await again.text()]).toEqual([304, ''])
})

test.each([
  ['/sales_1m.csv?from=monday', 400],
  ['/nothing.csv', 404],
  ['', 404],
  ['/', 404],
])('%s answers %i with JSON that says what was expected', async (path, status) => {
  const response = await get(path)
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(await response.json()).toMatchObject({ error: expect.stringContaining('expected') as string })
})

test('a database that fails answers 500, and is asked anew by the next caller', async () => {
  await server.warehouse.query('ALTER VIEW store_1m_merged RENAME TO gone')
  expect((await get('/store_1m.csv')).status).toBe(500)
  await server.warehouse.query('ALTER VIEW gone RENAME TO store_1m_merged')
  expect((await get('/store_1m.csv')).status).toBe(200)
})

test('an answer of a megabyte comes whole', async () => {
  await server.warehouse.query(
    `INSERT INTO sales_1m SELECT '2026-04-02T10:00Z', 'S', 'P' || n, 1, 2, 1, true, 0, 1 FROM generate_series(1, 20000) AS n`,
  )
  const response = await get('/sales_1m.csv?from=2026-04-02')
  expect(response.headers.get('x-row-count')).toBe('20000')
  expect((await response.text()).split('\r\n')).toHaveLength(20_002)
})
