import { join } from 'node:path'
import { appFolder, portsOf, readLocalSettings } from '../../../local/stack/settings-file'

const sample = join(appFolder, 'local.settings.sample.json')

test('a port base moves every service, and nothing else', () => {
  const moved = readLocalSettings(sample, 20_000)
  const ports = { hub: 20_000, blob: 20_001, queue: 20_002, table: 20_003, lake: 20_004, postgres: 20_005 }
  expect({ ...portsOf(moved), http: moved.httpPort }).toEqual({ ...ports, http: 20_006 })
  const own = readLocalSettings(sample)
  const others = ({ values }: typeof own) =>
    Object.entries(values).filter(
      ([name]) => !/^(EventHubConnection|AzureWebJobsStorage|LAKE_URL|POSTGRES_PORT)$/.test(name),
    )
  expect(others(moved)).toEqual(others(own))
  expect(moved.values.EventHubConnection).toBe(own.values.EventHubConnection?.replace('127.0.0.1', '127.0.0.1:20000'))
})
