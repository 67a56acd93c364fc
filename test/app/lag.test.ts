import { recordConsumerLag } from '../../src/app/lag'
import { type OpenPorts } from '../../src/app/ports'
import { parseSettings, type Settings } from '../../src/config/settings'
import { listen, type Measurement, metricNames } from '../../src/observe/metrics'
import { append } from '../../src/lake/write/append'
import { openTable } from '../../src/lake/open-table'
import { type Table } from '../../src/lake/table'
import { bronzeEvents } from '../../src/pipeline/rows/tables'
import { hubName, numbered, producerOf, runHub } from '../local/hub/running'
import { memoryStore } from '../lake/store/memory-store'

function settingsOf(connection: string, generation = 0): Settings {
  const [LAKE_URL, POSTGRES_HOST] = ['http://127.0.0.1:1/devstoreaccount1', '127.0.0.1']
  const HUB_GENERATION = String(generation)
  return parseSettings({
    EventHubConnection: connection,
    EVENT_HUB_NAME: hubName,
    HUB_GENERATION,
    LAKE_URL,
    POSTGRES_HOST,
  })
}

/** The part of the ports that lag is measured with; the rest must not be touched. */
function portsOf(bronze: Table, lines: string[]) {
  const log = (_level: string, line: string) => void lines.push(line)
  return { stream: hubName, tables: { bronze }, log } as Pick<OpenPorts, 'stream' | 'log'> as OpenPorts
}

/** Measures once; what came, by partition. */
async function measure(running: Parameters<typeof recordConsumerLag>[0]): Promise<Record<string, number>> {
  const found: Measurement[] = []
  const stop = listen((measurement) => found.push(measurement))
  await recordConsumerLag(running)
  stop()
  expect(found.every(({ name }) => name === metricNames.consumerLag)).toBe(true)
  return Object.fromEntries(found.map(({ value, dimensions }) => [dimensions?.partition ?? '', value]))
}

test('lag is what the hub holds above the position in bronze, for every partition', async () => {
  const hub = await runHub()
  const { name, root, schema } = bronzeEvents
  const bronze = await openTable({ store: memoryStore(), root, schema, name })
  const lines: string[] = []
  const running = { settings: settingsOf(hub.connectionString), ports: portsOf(bronze, lines) }
  expect(await measure(running)).toEqual({ 0: 0, 1: 0 })

  await producerOf(hub).sendBatch(numbered('event ', 12), { partitionId: '1' })
  expect(await measure(running)).toEqual({ 0: 0, 1: 12 })

  const move = { appId: `${hubName}/1`, after: undefined, version: 8 }
  await append(bronze, { rows: [], moves: [move], operation: 'STREAMING UPDATE' })
  expect(await measure(running)).toEqual({ 0: 0, 1: 3 })
  // A hub created anew: nothing of it is in bronze, whatever the position of the former one.
  expect(await measure({ ...running, settings: settingsOf(hub.connectionString, 1) })).toEqual({ 0: 0, 1: 12 })
  expect(lines).toEqual([])
})

test('lag that cannot be measured is told, and the pulse goes on', async () => {
  const { name, root, schema } = bronzeEvents
  const bronze = await openTable({ store: memoryStore(), root, schema, name })
  const lines: string[] = []
  const settings = settingsOf('Endpoint=sb://nowhere.invalid/;SharedAccessKeyName=n')
  expect(await measure({ settings, ports: portsOf(bronze, lines) })).toEqual({})
  expect(lines).toEqual([expect.stringMatching(/^consumer lag: not measured: /)])
})
