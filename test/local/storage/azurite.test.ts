import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'
import { build } from 'esbuild'
import { startAzurite } from '../../../local/storage/azurite'
import { startGateway } from '../../../local/storage/gateway'
import { lakeContainers, startStorage, type Storage } from '../../../local/storage/storage'
import { azureCredential } from '../../../src/azure/credential'
import { createContainers, openLakeStore } from '../../../src/azure/lake-store'
import { type Store } from '../../../src/lake/store'

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tillstream-storage-'))
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const anyPorts = { lake: 0, blob: 0, queue: 0, table: 0 }
const bytes = new TextEncoder().encode('kept')

async function storeOf({ url }: Pick<Storage, 'url'>): Promise<Store> {
  return openLakeStore({ url, credential: await azureCredential({ url }) })
}

async function takenPort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, free: () => once(server.close(), 'close') }
}

test('storage starts with the containers of the lake and keeps what was written across a restart', async () => {
  const first = await startStorage({ dataDir, ports: anyPorts })
  const store = await storeOf(first)
  for (const container of lakeContainers) await store.put(`${container}/a/file`, bytes)
  await store.rename('gold/a/file', 'gold/a/renamed')
  await first.close()
  expect(await first.exited).toBeUndefined()

  const second = await startStorage({ dataDir, ports: anyPorts })
  try {
    const kept = await storeOf(second)
    for (const container of ['bronze', 'silver', 'checkpoints']) {
      expect(await kept.read(`${container}/a/file`)).toEqual(Buffer.from(bytes))
    }
    expect((await kept.list('gold')).map(({ path }) => path)).toEqual(['gold/a/renamed'])
  } finally {
    await second.close()
  }
})

test.each(['blob', 'queue', 'table', 'lake'])('a taken %s port is an error that names it', async (service) => {
  const taken = await takenPort()
  try {
    await expect(startStorage({ dataDir, ports: { ...anyPorts, [service]: taken.port } })).rejects.toThrow(
      new RegExp(`\\b${taken.port}\\b.*taken`),
    )
  } finally {
    await taken.free()
  }
})

test('a damaged data directory is an error that names it', async () => {
  await writeFile(join(dataDir, '__azurite_db_blob__.json'), '{"filename": "cut o')
  await expect(startAzurite({ dataDir, services: 'blob', blobPort: 0 })).rejects.toThrow(
    `azurite: did not start on ${dataDir}`,
  )
})

test('Azurite that dies by itself is reported as an error', async () => {
  const azurite = await startAzurite({ dataDir, services: 'blob', blobPort: 0 })
  process.kill(azurite.pid, 'SIGKILL')
  const error = await azurite.exited
  expect(error?.message).toContain('azurite: ended by itself with SIGKILL')
  await azurite.close()
})

test('Azurite whose parent is killed saves what it has and ends', async () => {
  const script = join(dataDir, 'parent.js')
  await build({
    stdin: {
      contents: `
        import { startAzurite } from './azurite'
        startAzurite({ dataDir: ${JSON.stringify(dataDir)}, services: 'blob', blobPort: 0 }).then(({ blobUrl }) => console.log(blobUrl))
      `,
      resolveDir: resolve('local/storage'),
    },
    bundle: true,
    platform: 'node',
    packages: 'external',
    outfile: script,
  })
  const env = { ...process.env, NODE_PATH: resolve('node_modules') }
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'], env })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const blobUrl = line.toString().trim()
  await write(blobUrl)
  parent.kill('SIGKILL')
  await refused(blobUrl)
  await saved('"last"')

  const again = await startAzurite({ dataDir, services: 'blob', blobPort: 0 })
  const gateway = await startGateway({ port: 0, blobUrl: again.blobUrl })
  try {
    expect(await (await storeOf(gateway)).read('bronze/last')).toEqual(Buffer.from(bytes))
  } finally {
    await gateway.close()
    await again.close()
  }
})

async function write(blobUrl: string): Promise<void> {
  const gateway = await startGateway({ port: 0, blobUrl })
  await createContainers({ url: gateway.url, credential: await azureCredential(gateway) }, ['bronze'])
  await (await storeOf(gateway)).put('bronze/last', bytes)
  await gateway.close()
}

/** Settles when Azurite's index on disk mentions `text`. */
async function saved(text: string): Promise<void> {
  while (!(await readFile(join(dataDir, '__azurite_db_blob__.json'), 'utf8')).includes(text)) await immediate()
}

/** Settles when nobody listens at `url` any more. */
async function refused(url: string): Promise<void> {
  while ((await fetch(url).catch(() => 'refused')) !== 'refused') await immediate()
}
