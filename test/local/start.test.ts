import { type Ops } from '../../src/live/schema'
import { mkdir, readFile, watch, writeFile } from 'node:fs/promises'
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

async function worldNote(): Promise<{ world: string; seed: number; eventTime: string }> {
  return JSON.parse(await readFile(join(place.data, 'world.json'), 'utf8')) as Awaited<ReturnType<typeof worldNote>>
}

/** Resolves once the host's log, which is written to all the time, says this. */
async function logged(pattern: RegExp): Promise<void> {
  const file = join(place.data, 'host.log')
  const changes = watch(file)[Symbol.asyncIterator]()
  while (!pattern.test(await readFile(file, 'utf8'))) await changes.next()
  await changes.return?.()
}

const map = join(__dirname, '..', '..', 'generator', 'maps', 'uci-online-retail.json')

/** Replays two sales of a day, morning and evening. */
async function replayed(day: string, ...flags: readonly string[]) {
  const csv = join(place.data, '..', `${day}.csv`)
  const row = (order: string, time: string) => `${order},A,x,1,${day} ${time},1.50,17.0,Italy`
  const head = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
  await writeFile(csv, [head, row(`${day}1`, '08:00:00'), row(`${day}2`, '17:00:00')].join('\n'))
  return run('tools/replay', place, '--csv', csv, '--map', map, '--json', ...flags).ended
}

async function replayDay(day: string, ...flags: readonly string[]): Promise<void> {
  expect(lastLine((await replayed(day, ...flags)).stdout)).toMatchObject({ ok: true, events: 2 })
}

async function asked(sql: string): Promise<unknown> {
  const { stdout } = await run('tools/query', place, sql, '--json').ended
  return lastLine(stdout).rows
}

test('start runs the pipe for a while, reports what went through, and the next start goes on from there', async () => {
  const first = await run('local/start', place, '--for', '4s', '--rate', '200', '--json').ended
  expect(first).toMatchObject({ code: 0 })
  expect(first.stderr.split('\n')[0]).toBe(`page      http://localhost:${place.ports.http}/`)
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
  const page = await fetch(`http://localhost:${place.ports.http}/`)
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
  const ops = (await (await fetch(`http://localhost:${place.ports.http}/api/live/ops`)).json()) as Ops
  expect(
    ops.partitions.map(({ sequence, partition, stream }) => `${stream} ${partition}:${sequence}`).join(' · '),
  ).toBe(ops.position)
  expect(ops.quality?.received).toBe(report.eventsIn)
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

test('shops that are behind the clock go on where they stopped, and other shops are refused', async () => {
  const flags = ['--for', '3s', '--rate', '200', '--speed', '600', '--world', 'small', '--json']
  const first = await run('local/start', place, ...flags).ended
  expect(first).toMatchObject({ code: 0 })
  const stopped = await worldNote()
  expect(stopped).toMatchObject({ world: 'small', seed: 1 })

  const second = await run('local/start', place, ...flags).ended
  expect(second).toMatchObject({ code: 0 })
  const from = /^world .*, from (.*) on$/m.exec(second.stderr)?.[1] ?? ''
  expect(Date.parse(from)).toBeGreaterThanOrEqual(Date.parse(stopped.eventTime))
  expect(Date.parse((await worldNote()).eventTime)).toBeGreaterThan(Date.parse(from))
  // The shops themselves tell some hundredths of their sales late.
  const { eventsIn, late } = lastLine(second.stdout) as { eventsIn: number; late: number }
  expect(eventsIn).toBeGreaterThan(100)
  expect(late / eventsIn).toBeLessThan(0.1)

  const other = await run('local/start', place, '--seed', '2').ended
  expect(other.code).toBe(1)
  expect(other.stderr).toContain('its sales are of --world small --seed 1, got --world small --seed 2')
  expect(await worldNote()).toMatchObject({ seed: 1 })
})

test('a start beside a running one names its process, ports taken are one line, and Ctrl-C is silent', async () => {
  const stack = run('local/start', place, '--rate', '50')
  await stack.said('health')
  const beside = await run('local/start', place).ended
  expect(beside.code).toBe(1)
  expect(beside.stderr.trim().split('\n')).toEqual([
    expect.stringContaining(`a stack runs on it already, process ${stack.process.pid}`),
  ])
  const elsewhere = await run('local/start', { ...place, data: `${place.data}-2` }).ended
  expect(elsewhere.code).toBe(1)
  expect(elsewhere.stderr.trim().split('\n')).toEqual([
    expect.stringMatching(`ports taken on 127.0.0.1: ${place.ports.hub} \\(hub\\), .*--port-base N`),
  ])
  await stack.said('in ')
  stack.process.kill('SIGINT')
  const { code, stderr } = await stack.ended
  expect(code).toBe(0)
  const said = stderr.trim().split('\n')
  expect(said.at(-1)).toBe('stopped; the next start goes on')
  const places = /^(page|hub|storage|postgres|health|data|log|heap|world) /
  expect(said.slice(0, -1).filter((line) => !places.test(line) && !line.startsWith('in '))).toEqual([])
})

test('rules that differ from those of the rows are one line that says what to run', async () => {
  const first = await run('local/start', place, '--for', '3s', '--rate', '200', '--json').ended
  expect(first).toMatchObject({ code: 0 })
  const settings = JSON.parse(await readFile(place.settings, 'utf8')) as { Values: Record<string, string> }
  settings.Values.STOCKOUT_AFTER_MINUTES = '45'
  await writeFile(place.settings, JSON.stringify(settings))
  const other = run('local/start', place, '--rate', '200')
  await other.said('npm run rebuild')
  // A second partition refuses as well, and each is tried again.
  await logged(/partition \d: retry 2 /)
  other.process.kill('SIGINT')
  const { code, stderr } = await other.ended
  expect(code).toBe(0)
  expect(stderr.split('\n').filter((line) => line.startsWith('ingest'))).toEqual([
    'ingest: waits: the rows are folded by STOCKOUT_AFTER_MINUTES=60, these are STOCKOUT_AFTER_MINUTES=45; ' +
      'run npm run rebuild, or set it back',
  ])
  expect(stderr).not.toMatch(/^\s+at /m)
})

test('days replayed one after the other as a back-fill close their windows and make none of the next late', async () => {
  await replayDay('2010-12-02', '--backfill')

  const pulsing = run('local/start', place, '--no-generator')
  await pulsing.said('health')
  const refused = await replayed('2010-12-04', '--backfill')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('npm start -- --no-generator --no-pulse')
  pulsing.process.kill('SIGINT')
  await pulsing.ended

  const stack = run('local/start', place, '--no-generator', '--no-pulse')
  await stack.said('health')
  await replayDay('2010-12-03', '--backfill')
  const closed =
    'SELECT window_start::DATE::VARCHAR AS day, sum(total_transactions) AS sales FROM store_1m GROUP BY 1 ORDER BY 1'
  expect(await asked(closed)).toEqual([
    { day: '2010-12-02', sales: 2 },
    { day: '2010-12-03', sales: 2 },
  ])
  expect(await asked('SELECT sum(late) AS late FROM quality_1m')).toEqual([{ late: 0 }])

  // What is older than the lake is late, and right all the same.
  await replayDay('2010-12-01', '--backfill')
  expect(await asked('SELECT sum(late) AS late FROM quality_1m')).toEqual([{ late: 2 }])
  expect(await asked(closed)).toHaveLength(3)
  stack.process.kill('SIGINT')
  await stack.ended
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
      'A3,B,x,1,2010-12-01 09:00:00,n/a,,Italy',
    ].join('\n'),
  )
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
  // What was accepted is in the lake already; what was rejected is offered again.
  expect(lastLine(allowed.stdout)).toMatchObject({ ok: true, events: 1, accepted: 0, rejected: 1, unchanged: 2 })
  const batch = await run('tools/batch', place, '--date', '2010-12-01..2010-12-02', '--json').ended
  expect(lastLine(batch.stdout)).toMatchObject({
    ok: true,
    days: [
      { date: '2010-12-01', sales: 2, duplicates: 0, rows: { gold_daily_sales: 2, gold_customers: 1 } },
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
