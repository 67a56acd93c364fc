import { readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fillCalendars } from '../../src/warehouse/business-days'
import { withLake } from '../../tools/query/open-lake'
import { withWarehouse } from '../../tools/query/open-warehouse'
import { isListening } from '../../local/stack/listening'
import { portsOf, readLocalSettings } from '../../local/stack/settings-file'
import { startStorage, type Storage } from '../../local/storage/storage'
import { putSilver, salesRow } from './query/lake'
import { begin, deliver, insert, settingsOf, storeMinute } from '../report/seed'
import { lastLine, makePlace, type Place, run } from '../local/stack'

/*
 * `npm run query` as a person runs it, over Azurite and the gateway, which it starts itself or finds. `npm test` compiles
 * first.
 */

let place: Place
beforeAll(async () => {
  place = await makePlace()
  const lake = { settings: readLocalSettings(place.settings), dataDir: place.data }
  await withLake(lake, async (store) => {
    await putSilver(store, 'sales_1m', [salesRow('2010-12-01T08:00:00', 'S1', 'A', 2, 300)])
  })
})
afterAll(() => place.remove())

const query = (...flags: readonly string[]) => run('tools/query', place, ...flags).ended

/** The command with pipes of its own. */
function start(env: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const script = join(__dirname, '..', '..', 'dist', 'tools', 'query.js')
  const args = [script, '--data', place.data, '--settings', place.settings, ...flags]
  return spawn(process.execPath, args, { env: { ...process.env, ...env } })
}

test('asks a lake nobody serves, and leaves nothing running', async () => {
  const asked = await query('SELECT store_id, total_revenue FROM sales_1m')
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  expect(asked.stdout).toContain('│ S1       │          3.00 │')
  await expect(fetch(`http://127.0.0.1:${place.ports.lake}/`)).rejects.toThrow('fetch failed')
})

describe('the page of a day', () => {
  beforeAll(async () => {
    const warehouse = { settings: readLocalSettings(place.settings), dataDir: place.data }
    await withWarehouse(warehouse, (opened) =>
      opened.transaction(async (session) => {
        await begin(session, settingsOf())
        await insert(session, 'store_1m', [storeMinute('2010-12-01T08:00Z', 'S1', 3, 1)])
        await deliver(session, '2010-12-01T08:00:30Z')
        await fillCalendars(session, 'missing')
      }),
    )
  })

  test('is that of the PostgreSQL nobody runs, for people and for programs, and leaves nothing running', async () => {
    const page = await query('--report')
    expect(page).toMatchObject({ code: 0, stderr: '' })
    expect(page.stdout).toContain('Wednesday 1 December 2010')
    expect(page.stdout).toContain('£3.00')
    expect(Math.max(...page.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lastLine((await query('--report', '--date', '2010-12-01', '--json')).stdout)).toMatchObject({
      ok: true,
      date: '2010-12-01',
      totals: { netSales: '3.00', orders: 1 },
    })
    expect(await query('--report', '--date', '2010-12-02')).toMatchObject({ code: 1 })
    expect(await isListening(place.ports.postgres)).toBe(false)
  })

  test('is refused by name where the settings are of other days', async () => {
    const child = start({ BUSINESS_ZONE: 'Europe/London' }, '--report')
    const said = await text(child.stderr)
    expect(said).toContain(
      'report: days are UTC from 00:00, the settings say Europe/London from 00:00; run npm run batch',
    )
  })
})

describe('beside a lake that is served already', () => {
  let storage: Storage
  beforeAll(async () => {
    storage = await startStorage({
      dataDir: join(place.data, 'storage'),
      ports: portsOf(readLocalSettings(place.settings)),
    })
  })
  // Only what runs can be closed: queries have left it running.
  afterAll(() => storage.close())

  test('answers in JSON, as it was, as files; and errors too', async () => {
    expect(lastLine((await query('--json', 'SELECT total_qty AS n FROM sales_1m')).stdout)).toEqual({
      ok: true,
      columns: [{ name: 'n', type: 'BIGINT' }],
      rows: [{ n: 2 }],
      more: false,
    })
    const past = await query('--json', '--at', '0', 'SELECT count(*) AS n FROM sales_1m')
    expect(lastLine(past.stdout)).toMatchObject({ rows: [{ n: 0 }] })

    const [sql, parquet] = [join(place.data, 'ask.sql'), join(place.data, 'answer.parquet')]
    await writeFile(sql, '-- all of it\nFROM sales_1m;\n')
    const written = await query('--file', sql, '--parquet', parquet, '--json')
    expect(lastLine(written.stdout)).toEqual({ ok: true, file: parquet, rows: 1 })
    expect((await readFile(parquet)).subarray(0, 4).toString()).toBe('PAR1')

    const failed = await query('--json', 'SELECT * FROM sale_1m')
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('did you mean sales_1m?')
    expect(lastLine(failed.stdout)).toMatchObject({ ok: false })
  })

  test('writes CSV, and no more of it than is read', async () => {
    expect((await query('--csv', 'SELECT 1 AS a')).stdout).toBe('a\n1\n')
    const child = start({}, '--csv', 'SELECT range AS n FROM range(1000000000)')
    child.stdin.end()
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    expect(chunk.toString()).toMatch(/^n\n/)
    child.stdout.destroy()
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(0)
  })

  test('a signal ends a statement that runs', async () => {
    const child = start({}, 'SELECT count(*) FROM range(10000000) a, range(10000000) b')
    child.stdin.end()
    const stop = setInterval(() => child.kill('SIGINT'), 3000)
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close') as Promise<[number | null]>])
    clearInterval(stop)
    expect(code).toBe(1)
    expect(said).toMatch(/interrupt|aborted/i)
  })

  test('a script by standard input is answered line by line, and its failures are the exit code', async () => {
    const child = start({})
    child.stdin.end('SELECT 1 AS one;\nSELECT nothing;\n.tables\n')
    const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>])
    expect(code).toBe(1)
    expect(out).toContain('│ one │')
    expect(out).toContain('Referenced column "nothing"')
    expect(out).toMatch(/│ sales_1m │ +1 │/)
  })
})

test.each([
  ['--csv', '--json', 'SELECT 1'],
  ['--report', 'SELECT 1'],
  ['--date', '2010-12-01', 'SELECT 1'],
  ['--json', 'SELECT 1; SELECT 2'],
  ['--at', 'soon', 'SELECT 1'],
  ['--report', '--at', '3'],
  ['--file', 'nowhere.sql'],
])('refuses %s %s before it starts anything', async (...flags) => {
  const refused = await query(...flags)
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/^(query|at|ENOENT): |ENOENT/)
})

test('docs/query.md tells of every flag', async () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'query.md'), 'utf8')
  const { stdout } = await query('--help')
  const flags = [...stdout.matchAll(/--[a-z]+/g)].map(([flag]) => flag)
  const common = ['--data', '--settings', '--port', '--help']
  expect(flags.filter((flag) => !common.includes(flag) && !page.includes(flag))).toEqual([])
})
