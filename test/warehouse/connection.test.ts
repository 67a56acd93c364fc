import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { Client } from 'pg'
import { openWarehouse } from '../../src/warehouse/connection'
import { isPooled, startTestWarehouse, type TestWarehouse } from './postgres'

let server: TestWarehouse

beforeAll(async () => {
  server = await startTestWarehouse()
})

afterAll(() => server.close())

test('the password is asked for at each new connection', async () => {
  let asked = 0
  const password = () => {
    asked += 1
    return Promise.resolve(server.settings.password)
  }
  const warehouse = openWarehouse({ ...server.settings, password })
  await Promise.all([warehouse.query('SELECT pg_sleep(0.1)'), warehouse.query('SELECT pg_sleep(0.1)')])
  expect(asked).toBe(2)
  await warehouse.close()
})

test('a password that cannot be had fails the statement', async () => {
  const warehouse = openWarehouse({ ...server.settings, password: () => Promise.reject(new Error('no token today')) })
  await expect(warehouse.query('SELECT 1')).rejects.toThrow('no token today')
  await warehouse.close()
})

test('a transaction that throws leaves nothing', async () => {
  await server.warehouse.query('CREATE TABLE notes (note text)')
  const failing = server.warehouse.transaction(async (session) => {
    await session.query(`INSERT INTO notes VALUES ('half')`)
    throw new Error('changed my mind')
  })
  await expect(failing).rejects.toThrow('changed my mind')
  expect(await server.warehouse.query('SELECT * FROM notes')).toEqual([])
})

// Behind a pooler the connection that is cut is the pooler's, and which client has it is the pooler's choice.
const direct = isPooled ? test.skip : test

direct(
  'connections cut while idle or in a transaction fail what runs on them and nothing after (no pooler)',
  async () => {
    let idleErrors = 0
    const warehouse = openWarehouse({ ...server.settings, max: 1, onIdleError: () => (idleErrors += 1) })
    const pidOf = async () => Number((await warehouse.query('SELECT pg_backend_pid() AS pid'))[0]?.pid)
    const cut = (pid: number) => server.warehouse.query('SELECT pg_terminate_backend($1, 5000)', [pid])

    const first = await pidOf()
    await cut(first)
    // The loss of an idle connection is heard some time later, by the next statement at the latest.
    const second = await pidOf().catch(pidOf)
    expect(second).not.toBe(first)

    const broken = warehouse.transaction(async (session) => {
      await cut(second)
      await session.query('SELECT 1')
    })
    await expect(broken).rejects.toThrow(/connection lost: .*terminat/)
    expect(await pidOf()).not.toBe(second)
    expect(idleErrors).toBeLessThanOrEqual(1)
    await warehouse.close()
  },
)

test('limits are set in each transaction and none is left on the connection', async () => {
  const warehouse = openWarehouse({ ...server.settings, max: 1, statementTimeoutMs: 1234 })
  const [within] = await warehouse.query('SHOW statement_timeout')
  expect(within).toEqual({ statement_timeout: '1234ms' })
  await warehouse.close()
  const client = new Client({ ...server.settings, ssl: false })
  await client.connect()
  expect((await client.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }])
  await client.end()
})

test('a statement that takes too long is ended', async () => {
  const warehouse = openWarehouse({ ...server.settings, statementTimeoutMs: 50 })
  await expect(warehouse.query('SELECT pg_sleep(30)')).rejects.toThrow('statement timeout')
  await warehouse.close()
})

test('a server that never answers is given up', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const warehouse = openWarehouse({ ...server.settings, port, connectTimeoutMs: 50 })
  await expect(warehouse.query('SELECT 1')).rejects.toThrow(/timeout/)
  await warehouse.close()
  silent.close()
})

test('TLS that is asked for and not offered is refused', async () => {
  const warehouse = openWarehouse({ ...server.settings, ssl: 'verify' })
  await expect(warehouse.query('SELECT 1')).rejects.toThrow('does not support SSL')
  await warehouse.close()
})

test('pages are of one moment, and leaving early gives the connection back', async () => {
  const warehouse = openWarehouse({ ...server.settings, max: 1 })
  await server.warehouse.query('CREATE TABLE counted AS SELECT generate_series(1, 10) AS n')
  const seen: number[] = []
  for await (const page of warehouse.pages('SELECT n FROM counted WHERE n > $1', { parameters: [2], pageRows: 3 })) {
    if (seen.length === 0) await server.warehouse.query('INSERT INTO counted VALUES (11)')
    seen.push(page.length)
  }
  expect(seen).toEqual([3, 3, 2])
  for await (const page of warehouse.pages('SELECT n FROM counted', { pageRows: 3 })) {
    expect(page).toHaveLength(3)
    break
  }
  expect(await warehouse.query('SELECT count(*) AS n FROM counted')).toEqual([{ n: '11' }])
  await warehouse.close()
})
