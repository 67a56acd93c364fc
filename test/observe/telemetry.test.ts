import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { inInvocation, operation } from '../../src/app/invocation'
import { run, stop } from '../../src/app/running'
import { startTelemetry } from '../../src/app/telemetry'
import { parseSettings } from '../../src/config/settings'
import { metricNames, record } from '../../src/observe/metrics'
import { announce, occurrenceNames } from '../../src/observe/occurrences'
import { openTelemetry } from '../../src/observe/telemetry'
import { type Ingestion, startIngestion } from './ingestion'

let service: Ingestion
beforeEach(async () => {
  service = await startIngestion()
})
afterEach(() => service.close())

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const span = '00f067aa0ba902b7'
const warnings: string[] = []
const warn = (line: string) => void warnings.push(line)
beforeEach(() => warnings.splice(0))

const metricsSent = () =>
  service.items().flatMap(({ data: { baseData } }) => {
    return (baseData.metrics ?? []).map((metric) => ({ ...metric, properties: baseData.properties ?? {} }))
  })

test('what was measured goes out in one request, added up, at the end too', async () => {
  const telemetry = openTelemetry({ connectionString: service.connectionString, warn })
  for (const value of [5, 1, 9]) record(metricNames.commitMs, value)
  record(metricNames.rejected, 2, { reason: 'schema' })
  record(metricNames.rejected, 1, { reason: 'future' })
  record(metricNames.watermarkMs, 1, { partition: '0' })
  await telemetry.close()
  expect(service.requests).toHaveLength(1)
  expect(service.requests[0]?.authorization).toBeUndefined()
  expect(metricsSent()).toMatchObject([
    { name: 'tillstream.commit_ms', value: 15, count: 3, min: 1, max: 9, properties: {} },
    { name: 'tillstream.rejected', value: 2, count: 1, properties: { reason: 'schema' } },
    { name: 'tillstream.rejected', value: 1, count: 1, properties: { reason: 'future' } },
  ])
  record(metricNames.commitMs, 1)
  await telemetry.flush()
  expect(service.requests).toHaveLength(1)
  expect(warnings).toEqual([])
})

test('an occurrence goes out under the trace of the invocation it happened in, across awaits', async () => {
  const telemetry = openTelemetry({ connectionString: service.connectionString, operation, warn })
  const context = { traceContext: { traceParent: `00-${trace}-${span}-01` }, retryContext: { retryCount: 2 } }
  await inInvocation(context, async () => {
    await Promise.resolve()
    announce(occurrenceNames.commit, 3, { partition: 1, firstSequence: 10, lastSequence: 12, version: 7 })
  })
  announce(occurrenceNames.gap, 4)
  await telemetry.close()
  const events = service.items().filter(({ data }) => data.baseType === 'EventData')
  expect(events.map(({ data }) => data.baseData)).toMatchObject([
    {
      name: 'tillstream.commit',
      properties: { partition: '1', firstSequence: '10', lastSequence: '12', version: '7', summary: 'false' },
      measurements: { count: 3 },
    },
    { name: 'tillstream.gap_found', properties: { summary: 'false' }, measurements: { count: 4 } },
  ])
  expect(events[0]?.tags).toMatchObject({ 'ai.operation.id': trace, 'ai.operation.parentId': span })
  expect(events[1]?.tags).not.toHaveProperty('ai.operation.id')
  expect(metricsSent()).toMatchObject([{ name: 'tillstream.retries', value: 1 }])
})

test('nothing but metrics and events is sent, and the library wraps no module and reports nothing of its own', async () => {
  const telemetry = openTelemetry({ connectionString: service.connectionString, warn })
  record(metricNames.events, 1)
  announce(occurrenceNames.commit, 1)
  await fetch('http://127.0.0.1:1').catch(() => undefined)
  await telemetry.close()
  expect(service.items().map(({ data }) => data.baseType)).toEqual(['MetricData', 'EventData'])
  const wrapping = 'applicationinsights/out/AutoCollection/diagnostic-channel/initialization'
  expect(jest.requireActual<{ IsInitialized: boolean }>(wrapping).IsInitialized).toBe(false)
  const { TelemetryClient } = await import('applicationinsights')
  expect(new TelemetryClient(service.connectionString).getStatsbeat()).toBeUndefined()
})

test('with an identity each request carries its token', async () => {
  const asked: unknown[] = []
  const credential = {
    getToken: (scopes: string | string[]) => {
      asked.push(scopes)
      return Promise.resolve({ token: 'token-of-the-identity', expiresOnTimestamp: Date.now() + 3_600_000 })
    },
  }
  const { connectionString } = service
  const telemetry = openTelemetry({ connectionString, credential: () => Promise.resolve(credential), warn })
  record(metricNames.events, 1)
  await telemetry.close()
  expect(service.requests[0]?.authorization).toBe('Bearer token-of-the-identity')
  expect(asked).toEqual([['https://monitor.azure.com//.default']])
})

test('what cannot be sent is told and gone, and nothing throws', async () => {
  const refusing = await startIngestion({ status: 400 })
  const telemetry = openTelemetry({ connectionString: refusing.connectionString, warn })
  record(metricNames.events, 1)
  await telemetry.flush()
  await telemetry.flush()
  expect(warnings).toEqual([expect.stringMatching(/^telemetry: 1 items lost: Error: expected 1 items/)])
  await refusing.close()
  record(metricNames.events, 1)
  await telemetry.close()
  expect(warnings).toHaveLength(2)
})

const settings = {
  EventHubConnection__fullyQualifiedNamespace: 'localhost',
  LAKE_URL: 'http://127.0.0.1:1/devstoreaccount1',
  POSTGRES_HOST: '127.0.0.1',
}

test('where no Application Insights is set nothing listens', () => {
  expect(startTelemetry(parseSettings(settings), warn)).toBeUndefined()
})

test('the identity signs only where the authentication string says so, and the settings are frozen', () => {
  const given = { ...settings, APPLICATIONINSIGHTS_CONNECTION_STRING: service.connectionString }
  const signed = (authentication: string) =>
    parseSettings({ ...given, APPLICATIONINSIGHTS_AUTHENTICATION_STRING: authentication }).telemetry
  expect(parseSettings(given).telemetry).toEqual({ connectionString: service.connectionString, signedBy: 'nobody' })
  expect(signed('ClientId=0b8f;Authorization=AAD')?.signedBy).toBe('identity')
  expect(signed('Authorization=Something')?.signedBy).toBe('nobody')
  expect(Object.isFrozen(signed(''))).toBe(true)
})

test('the worker sends what it measured last before it ends, even when it never got the lake open', async () => {
  const before = process.env
  const denying = createServer((_, response) => response.writeHead(403).end())
  await new Promise<void>((resolve) => denying.listen(0, '127.0.0.1', resolve))
  const LAKE_URL = `http://127.0.0.1:${(denying.address() as AddressInfo).port}/devstoreaccount1`
  process.env = { ...before, ...settings, LAKE_URL, APPLICATIONINSIGHTS_CONNECTION_STRING: service.connectionString }
  try {
    await expect(run(warn)).rejects.toThrow()
    record(metricNames.retries, 1)
    await stop()
  } finally {
    process.env = before
    denying.closeAllConnections()
    denying.close()
  }
  expect(metricsSent()).toMatchObject([{ name: 'tillstream.retries', value: 1 }])
})
