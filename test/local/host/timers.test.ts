import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAzurite, type Azurite } from '../../../local/storage/azurite'
import { buildDriver, cleanUp, fixture, forkHost, type HostProcess } from './host-process'
import { storageSetting } from './storage-setting'

const dataDir = mkdtempSync(join(tmpdir(), 'host-timers-'))
let azurite: Azurite
let records: ContainerClient

beforeAll(async () => {
  buildDriver()
  azurite = await startAzurite({ dataDir, services: 'blob', blobPort: 0 })
  records = BlobServiceClient.fromConnectionString(storageSetting(azurite.blobPort)).getContainerClient(
    'azure-webjobs-hosts',
  )
})
afterAll(async () => {
  await cleanUp()
  await azurite.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const settings = () => ({ AzureWebJobsStorage: storageSetting(azurite.blobPort) })
const ticked = (host: HostProcess, name: string) =>
  host.find((message) => message.kind === 'tick' && message['name'] === name)
const status = (name: string) => records.getBlockBlobClient(`timers/local/Host.Functions.${name}/status`)

async function recorded(name: string): Promise<Record<string, string>> {
  return JSON.parse((await status(name).downloadToBuffer()).toString()) as Record<string, string>
}

test('a timer fires by the clock, and one of a minute or more makes up after an outage, once', async () => {
  const first = await forkHost({ entry: fixture('timers'), settings: settings() })
  expect(await ticked(first, 'second')).toMatchObject({ isPastDue: false, status: null })
  await first.close()
  expect((await recorded('minute'))['Next']).toMatch(/:00\.000\+00:00$/)

  // As the service left it an hour ago.
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString().replace('Z', '+00:00')
  const past = JSON.stringify({ Last: hourAgo, Next: hourAgo, LastUpdated: hourAgo })
  await status('minute').upload(past, past.length)

  const second = await forkHost({ entry: fixture('timers'), settings: settings() })
  expect(await ticked(second, 'minute')).toMatchObject({ isPastDue: true, status: { last: hourAgo } })
  await second.find(({ kind, functionName }) => kind === 'invocation' && functionName === 'minute')
  await second.close()
  expect(Date.parse((await recorded('minute'))['Last'] ?? '')).toBeGreaterThan(Date.parse(hourAgo))
})
