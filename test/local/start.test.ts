import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { lastLine, makePlace, type Place, run } from './stack'

/*
 * The commands as a person runs them: compiled, in a process of their own, over the whole embedded stack. `npm test`
 * compiles first.
 */

let place: Place
beforeEach(async () => {
  place = await makePlace()
})
afterEach(() => place.remove())

test('start runs the pipe for a while, reports what went through, and the next start goes on from there', async () => {
  const first = await run('local/start', place, '--for', '4s', '--rate', '200', '--json').ended
  expect(first).toMatchObject({ code: 0 })
  expect(first.stderr).toContain(`hub       sb://127.0.0.1:${place.ports.hub}`)
  const report = lastLine(first.stdout)
  expect(Object.keys(report).sort()).toEqual(
    [
      'alertsOpen',
      'duplicates',
      'eventsIn',
      'eventsPerSecond',
      'foldedAgain',
      'late',
      'latencyMs',
      'ok',
      'rejected',
      'windowsClosed',
    ].sort(),
  )
  expect(report).toMatchObject({ ok: true })
  expect(report.eventsIn).toBeGreaterThan(100)

  const again = run('local/start', place, '--no-generator', '--json')
  await again.said('health')
  const health = await fetch(`http://127.0.0.1:${place.ports.http}/api/health`)
  expect(health.status).toBe(200)
  expect(await health.json()).toMatchObject({
    ok: true,
    checks: { lake: { ok: true }, postgres: { ok: true }, hub: { ok: true } },
  })
  again.process.kill('SIGINT')
  const second = await again.ended
  expect(second.code).toBe(0)
  // Everything was taken by the first run: nothing comes twice.
  expect(lastLine(second.stdout)).toMatchObject({ ok: true, eventsIn: 0, alertsOpen: report.alertsOpen })
})

test('a PostgreSQL that is killed comes back beside the running stack', async () => {
  const stack = run('local/start', place, '--no-generator', '--json')
  await stack.said('health')
  const pid = Number((await readFile(join(place.data, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
  process.kill(pid, 'SIGKILL')
  await stack.said('starting postgres again')
  await stack.said('postgres is back at')
  const health = await fetch(`http://127.0.0.1:${place.ports.http}/api/health`)
  expect(await health.json()).toMatchObject({ ok: true })
  stack.process.kill('SIGINT')
  expect(await stack.ended).toMatchObject({ code: 0 })
})

test('a replay into a stack of its own, its batch by hand, and nothing left running', async () => {
  const csv = join(place.data, '..', 'sales.csv')
  await writeFile(
    csv,
    [
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '1,A,x,2,2010-12-01 08:00:00,1.50,17.0,Italy',
      '1,B,x,1,2010-12-01 08:00:00,0.125,17.0,Italy',
      'C2,A,x,-1,2010-12-01 23:59:00,1.50,,Italy',
      'A3,B,x,1,2010-12-01 09:00:00,-11.00,,Italy',
    ].join('\n'),
  )
  const map = join(__dirname, '..', '..', 'generator', 'maps', 'uci-online-retail.json')
  const replayed = await run('tools/replay', place, '--csv', csv, '--map', map, '--json').ended
  expect(replayed.code).toBe(1)
  expect(replayed.stderr).toMatch(/waiting for PostgreSQL: \d of 3 messages left/)
  const counts = { rows: 4, events: 3, accepted: 2, rejected: 1 }
  expect(lastLine(replayed.stdout)).toMatchObject({
    ok: false,
    ...counts,
    reasons: {
      schema: {
        events: 1,
        rows: 1,
        first: {
          detail: expect.stringContaining('unitPrice') as string,
          body: expect.stringContaining('"orderId":"A3"') as string,
        },
      },
    },
  })
  const flags = ['--csv', csv, '--map', map, '--allow-rejects', '--no-settle']
  const allowed = await run('tools/replay', place, ...flags, '--json').ended
  expect(allowed.code).toBe(0)
  expect(lastLine(allowed.stdout)).toMatchObject({ ok: true, ...counts })
  const batch = await run('tools/batch', place, '--date', '2010-12-01..2010-12-02', '--json').ended
  expect(lastLine(batch.stdout)).toMatchObject({
    ok: true,
    days: [
      { date: '2010-12-01', sales: 2, duplicates: 2, rows: { gold_daily_sales: 2, gold_customers: 1 } },
      { date: '2010-12-02', sales: 0, rows: { gold_daily_sales: 0 } },
    ],
  })
  const told = await run('tools/batch', place, '--date', '2010-12-01..2010-12-02').ended
  expect(told).toMatchObject({ code: 0, stdout: 'batch: 2 days made, 2010-12-01 to 2010-12-02\n' })
})

test('a busy port is an error that names it', async () => {
  const other = createServer().listen(place.ports.hub, '127.0.0.1')
  await once(other, 'listening')
  const { code, stdout, stderr } = await run('local/start', place, '--json').ended
  other.close()
  expect(code).toBe(1)
  expect(stderr).toContain(String(place.ports.hub))
  expect(lastLine(stdout)).toMatchObject({ ok: false })
})

test('a data directory that cannot be made is an error that says what to do', async () => {
  await writeFile(join(place.data, '..', 'file'), '')
  const { code, stderr } = await run('local/start', { ...place, data: join(place.data, '..', 'file', 'data') }).ended
  expect(code).toBe(1)
  expect(stderr).toMatch(/data directory .*: expected a folder that can be written.*--data DIR/)
})

test('a data directory of something else is an error and stays as it is', async () => {
  await mkdir(join(place.data, 'postgres'), { recursive: true })
  await writeFile(join(place.data, 'postgres', 'PG_VERSION'), 'garbage')
  const { code, stderr } = await run('local/start', place).ended
  expect(code).toBe(1)
  expect(stderr).toContain(join(place.data, 'postgres'))
})

test('a settings file that is no JSON is an error that names it', async () => {
  await writeFile(place.settings, '{')
  const { code, stderr } = await run('local/start', place).ended
  expect(code).toBe(1)
  expect(stderr).toContain(`settings ${place.settings}: expected JSON`)
})
