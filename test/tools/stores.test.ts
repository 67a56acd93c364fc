import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseStores } from '../../tools/stores/csv'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'

const read = (text: string) => parseStores(text, { file: 'stores.csv', currency: 'GBP' })
const blank = { name: null, zone: null, dayStart: null, region: null, city: null, currency: null }

test('columns come in any order and case, cells may be empty, a zone is spelled as its name is', () => {
  const text = '\uFEFFZone,STORE,Name,day_start\r\neurope/london,S1,"Strand, north",04:00\r\n,S2, ,\r\n'
  expect(read(text)).toEqual([
    { ...blank, storeId: 'S1', zone: 'Europe/London', name: 'Strand, north', dayStart: '04:00' },
    { ...blank, storeId: 'S2' },
  ])
})

test.each([';', '\t'])('columns may be separated by %j', (delimiter) => {
  const text = ['store', 'city', 'currency'].join(delimiter) + '\n' + ['S1', 'York, UK', 'GBP'].join(delimiter)
  expect(read(text)).toEqual([{ ...blank, storeId: 'S1', city: 'York, UK', currency: 'GBP' }])
})

test('every fault is told with its line, what was expected and what came', () => {
  const text = 'store,zone,day_start,currency\nS1,Mars/Base,4:00,EUR\n\nS2,+05:30,,\nS1,,,\n,UTC,24:00,\n'
  expect(() => read(text)).toThrow(
    [
      'stores.csv line 2: zone: expected an IANA time zone such as Europe/London, got "Mars/Base"',
      'stores.csv line 2: day_start: expected HH:MM from 00:00 to 23:59, got "4:00"',
      'stores.csv line 2: currency: expected GBP, the installation\'s, got "EUR"; give each currency an installation',
      'stores.csv line 4: zone: expected an IANA time zone such as Europe/London, got "+05:30"',
      'stores.csv line 5: store "S1" is in line 2 already',
      'stores.csv line 6: store: expected the name the tills use, got nothing',
      'stores.csv line 6: day_start: expected HH:MM from 00:00 to 23:59, got "24:00"',
    ].join('\n'),
  )
})

test.each([
  ['store,timezone\nS1,UTC\n', 'got store, timezone'],
  ['name,zone\nLoop,UTC\n', 'got name, zone'],
  ['store,zone,zone\nS1,UTC,UTC\n', 'got store, zone, zone'],
  ['', 'got an empty file'],
])('a header that will not do is refused: %j', (text, got) => {
  expect(() => read(text)).toThrow(`stores.csv line 1: expected the columns store and, each once, any of name`)
  expect(() => read(text)).toThrow(got)
})

test('a row of another length is refused with its line', () => {
  expect(() => read('store,zone\nS1\n')).toThrow(/stores\.csv: expected CSV, got .*line 2/)
})

describe('the command', () => {
  let server: TestWarehouse
  const folder = mkdtempSync(join(tmpdir(), 'tillstream-stores-'))
  beforeAll(async () => {
    server = await startTestWarehouse()
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function run(...flags: readonly string[]): Promise<{ readonly code: number; readonly outcome: unknown }> {
    const { host, port, database, user, password } = server.settings
    const env = {
      ...process.env,
      LAKE_URL: 'https://none.dfs.core.windows.net',
      EventHubConnection__fullyQualifiedNamespace: 'none.servicebus.windows.net',
      POSTGRES_HOST: host,
      POSTGRES_PORT: String(port),
      POSTGRES_DATABASE: database,
      POSTGRES_USER: user,
      POSTGRES_PASSWORD: String(password),
      POSTGRES_TLS: 'off',
    }
    const parameters = ['dist/tools/stores.js', '--env', '--json', ...flags]
    const done = await promisify(execFile)(process.execPath, parameters, { env }).catch(
      (error: unknown) => error as { readonly code: number; readonly stdout: string },
    )
    const lines = done.stdout.trim().split('\n')
    return { code: 'code' in done ? done.code : 0, outcome: JSON.parse(lines.at(-1) ?? '') }
  }

  test('puts a file in, lists, and refuses a file with faults as a whole', async () => {
    const file = join(folder, 'stores.csv')
    writeFileSync(file, 'store,zone,name\nS1,America/Chicago,Loop\nS2,,\n')
    const stores = [
      { ...blank, storeId: 'S1', name: 'Loop', zone: 'America/Chicago', source: 'file' },
      { ...blank, storeId: 'S2', source: 'file' },
    ]
    expect(await run('--csv', file)).toEqual({ code: 0, outcome: { ok: true, written: 2, changed: ['S1'], stores } })
    writeFileSync(file, 'store,zone\nS3,UTC\nS4,Mars/Base\n')
    expect(await run('--csv', file)).toMatchObject({ code: 1, outcome: { ok: false } })
    expect(await run()).toEqual({ code: 0, outcome: { ok: true, stores } })
  })
})
