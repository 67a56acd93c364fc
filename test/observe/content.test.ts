import { inInvocation, operation } from '../../src/app/invocation'
import { metrics, metricNames, type MetricName } from '../../src/observe/metrics'
import { occurrences, type OccurrenceName } from '../../src/observe/occurrences'
import { openTelemetry } from '../../src/observe/telemetry'
import { openIngest } from '../../src/pipeline/stream/ingest'
import { id, messages, openPlant, sale } from '../pipeline/plant'
import { memoryStore } from '../lake/store/memory-store'
import { startTestWarehouse, type TestWarehouse } from '../warehouse/postgres'
import { startIngestion } from './ingestion'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

/** Sales, one late, one twice, one that is none, and an alert: after minute 72 nobody has bought towels for half an hour. */
const day = messages(
  sale(0, { store: 'store-lisbon', product: 'towel-blue' }),
  [sale(0.6, { store: 'store-lisbon', product: 'soap-mild' }), { type: 'sale' }],
  'no JSON',
  sale(72, { eventId: id(7), store: 'store-lisbon', product: 'soap-mild' }),
  sale(72, { eventId: id(7), store: 'store-lisbon', product: 'soap-mild' }),
  sale(0.7, { eventId: id(8), store: 'store-lisbon', product: 'soap-mild' }),
  { eventId: id(9), type: 'pulse', eventTime: '2026-03-01T10:20:00.000Z' },
)

test('what the pipeline reports is declared, adds up, and holds nothing of the events', async () => {
  const service = await startIngestion()
  const telemetry = openTelemetry({ connectionString: service.connectionString, operation, warn: fail })
  const ports = await openPlant(memoryStore(), { warehouse: server.warehouse, held: day })
  const ingest = openIngest({ ...ports, clock: () => Date.UTC(2026, 2, 1, 12) })
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  await inInvocation({ traceContext: { traceParent: `00-${trace}-00f067aa0ba902b7-01` } }, async () => {
    await ingest.take(0, day.slice(0, 2))
    await ingest.take(0, day.slice(2))
  })
  await telemetry.close()
  await service.close()

  const items = service.items().map(({ data, tags }) => ({ ...data.baseData, tags }))
  for (const { metrics: points, properties = {}, name } of items) {
    const [point] = points ?? []
    const declared = point
      ? [metrics[point.name as MetricName].dimension].filter((key) => key !== undefined)
      : ['summary', ...occurrences[name as OccurrenceName].properties]
    expect(Object.keys(properties).filter((key) => !declared.includes(key))).toEqual([])
  }
  const sum = (name: MetricName) =>
    items.flatMap((item) => item.metrics ?? []).reduce((all, point) => all + (point.name === name ? point.value : 0), 0)
  expect(sum(metricNames.events)).toBe(4)
  expect(sum(metricNames.pulses)).toBe(1)
  expect(sum(metricNames.duplicates)).toBe(1)
  expect(sum(metricNames.rejected)).toBe(2)
  expect(sum(metricNames.late)).toBe(1)
  expect(sum(metricNames.stockouts)).toBe(1)
  expect(sum(metricNames.watermarkLagMs)).toBeGreaterThan(0)

  const commits = items.filter(({ name }) => name === 'tillstream.commit')
  expect(
    commits.map(({ properties = {}, tags }) => [
      properties.firstSequence,
      properties.lastSequence,
      tags['ai.operation.id'],
    ]),
  ).toEqual([
    ['0', '1', trace],
    ['2', '6', trace],
  ])
  expect(items.filter(({ name }) => name === 'tillstream.stockouts_opened')).toMatchObject([
    { measurements: { count: 1 } },
  ])
  const text = service.requests.map((request) => request.text).join()
  const content = ['store-lisbon', 'towel-blue', 'soap-mild', id(0), id(7), id(8), id(9), 'no JSON', 'GBP']
  expect(content.filter((part) => text.includes(part))).toEqual([])
})

function fail(line: string): never {
  throw new Error(line)
}
