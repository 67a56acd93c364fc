import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import hostJson from '../../host.json'
import { type Ops, type Trade } from '../../src/live/schema'
import { buildDriver, cleanUp, forkHost, type HostProcess } from '../local/host/host-process'
import { begin, deliver, insert, settingsOf, storeMinute } from '../report/seed'
import { fillCalendars } from '../../src/warehouse/business-days'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'

/* The compiled functions in the host, over HTTP, as a browser asks for them. `npm test` compiles first. */

const page = join(__dirname, '..', '..', 'dist', 'dashboard')
/** A page of its own only where none is built. */
const stub = join(page, 'index.html')
const isBuilt = existsSync(stub)

let server: TestWarehouse
let host: HostProcess
let inAzure: HostProcess

beforeAll(async () => {
  mkdirSync(page, { recursive: true })
  if (!isBuilt) writeFileSync(stub, '<!doctype html><title>page</title>')
  writeFileSync(join(page, 'test-only.js'), 'void 0')
  server = await startTestWarehouse()
  await server.warehouse.transaction(async (session) => {
    await begin(session, settingsOf())
    await insert(session, 'store_1m', [storeMinute('2026-06-10T08:00Z', '<img src=x onerror=alert(1)>', 5, 1)])
    await fillCalendars(session, 'missing')
    await deliver(session, '2026-06-10T08:30:00Z')
  })
  buildDriver()
  const start = (more: Readonly<Record<string, string>>) =>
    forkHost({
      entry: join(__dirname, '..', '..', 'dist', 'functions', '{live,page}.js'),
      hostJson,
      settings: {
        EventHubConnection: 'Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=b;EntityPath=c',
        LAKE_URL: 'http://127.0.0.1:1/devstoreaccount1',
        POSTGRES_HOST: server.settings.host,
        POSTGRES_PORT: String(server.settings.port),
        POSTGRES_DATABASE: server.settings.database,
        POSTGRES_USER: server.settings.user,
        POSTGRES_PASSWORD: 'test',
        POSTGRES_TLS: 'off',
        CURRENCY: 'GBP',
        ...more,
      },
    })
  host = await start({})
  inAzure = await start({ WEBSITE_SITE_NAME: 'tillstream', WEBSITE_AUTH_ENABLED: 'True' })
})
afterAll(async () => {
  await host.close()
  await inAzure.close()
  await cleanUp()
  await server.close()
  rmSync(join(page, 'test-only.js'))
  if (!isBuilt) rmSync(stub)
})

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${host.port}${path}`, init)

const paths = ['/', '/assets/test-only.js', '/api/live/trade', '/api/live/ops', '/api/live/none', '/assets/none.js']

test('the root is the page', async () => {
  const response = await get('/?view=ops')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(await response.text()).toMatch(/^<!doctype html>/i)
})

test('what it is made of comes beside it', async () => {
  const response = await get('/assets/test-only.js')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
  expect(await response.text()).toBe('void 0')
})

test('figures are those of PostgreSQL, with a version that saves the next caller all of them', async () => {
  const response = await get('/api/live/trade')
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
  const trade = (await response.json()) as Trade
  const [row] = await server.warehouse.query('SELECT (sum(total_revenue) * 100)::int AS sales FROM store_1m')
  expect(trade.today?.totals.netSalesMinor).toBe(Number(row?.sales))
  expect(trade.today?.stores.list[0]?.name).toBe('<img src=x onerror=alert(1)>')
  const ifNoneMatch = response.headers.get('etag') ?? ''
  const again = await get('/api/live/trade', { headers: { 'if-none-match': ifNoneMatch } })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect(((await (await get('/api/live/ops')).json()) as Ops).partitions).toHaveLength(1)
})

test.each(paths)('%s lets nothing foreign run, show, connect or frame', async (path) => {
  const { headers } = await get(path)
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
  expect(headers.get('access-control-allow-origin')).toBeNull()
})

test.each(paths)('%s is refused under a name that is not of this machine', async (path) => {
  // Browsers cannot choose Host, but a name of anybody's may lead to 127.0.0.1.
  const status = await new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: host.port, path, headers: { host: 'shop.example' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(403)
})

test.each(paths)('%s is refused in Azure to who has not signed in', async (path) => {
  expect((await fetch(`http://127.0.0.1:${inAzure.port}${path}`)).status).toBe(401)
})

test.each([
  ["/api/live/trade'%3B%20DROP%20TABLE%20store_1m%3B--", 404],
  ['/api/live/..%2f..%2fetc', 404],
  ['/assets/..%2f..%2fpackage.json', 404],
  ['/assets/..%2ffunctions%2flive.js', 404],
  ['/api/live', 404],
  ['/live/trade', 404],
  ['/index.html', 404],
])('%s is %i', async (path, status) => {
  expect((await get(path)).status).toBe(status)
  expect((await get('/api/live/trade')).status).toBe(200)
})

test('nothing is written: other methods lead nowhere', async () => {
  for (const path of paths) expect((await get(path, { method: 'POST', body: '{}' })).status).toBe(404)
})
