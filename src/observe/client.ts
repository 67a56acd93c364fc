// Tested in test/observe/telemetry.test.ts.
import { type TelemetryClient } from 'applicationinsights'
import { type Entry } from './diary'
import { type Aggregate } from './series'

/** Where telemetry goes, and who sends it. */
export interface ClientSettings {
  /** Connection string of the Application Insights resource. */
  readonly connectionString: string
  /** Makes the credential that signs what is sent; without one the connection string is enough. */
  readonly credential?: (() => Promise<Credential>) | undefined
}

export type Credential = NonNullable<TelemetryClient['config']['aadTokenCredential']>

/** Application Insights, for metrics and events only. */
export interface Client {
  /** Sends everything in one request. Throws unless all of it was taken. */
  send(aggregates: readonly Aggregate[], entries: readonly Entry[]): Promise<void>
}

/** What the library reads from the environment alone, while it is loaded. */
const switches = {
  // Else it wraps the loading of modules, `pg` and `console` among them.
  APPLICATION_INSIGHTS_NO_DIAGNOSTIC_CHANNEL: '1',
  // Else it reports on itself to Microsoft, and asks the network for the metadata of a virtual machine.
  APPLICATION_INSIGHTS_NO_STATSBEAT: '1',
  // What it would write to the console comes back as the answer too.
  APPLICATION_INSIGHTS_DISABLE_WARNING_LOGS: '1',
}

/**
 * Loads the library and makes a client that collects nothing by itself. It stays at 2.9.8: 3.x sends the metrics of
 * `trackMetric` without their count, min and max (seen with 3.17.0), which averages and alerts are made of; it needs
 * Node 22; and the OpenTelemetry mode of the host that goes with it floods AppRequests for Event Hubs triggers
 * (azure-functions-host#11769, open in November 2026).
 */
export async function openClient({ connectionString, credential }: ClientSettings): Promise<Client> {
  Object.assign(process.env, switches)
  const [library, aadTokenCredential] = await Promise.all([import('applicationinsights'), credential?.()])
  const client = new library.TelemetryClient(connectionString)
  if (aadTokenCredential) client.config.aadTokenCredential = aadTokenCredential
  // One request for each flush: only the last request's answer is seen.
  client.config.maxBatchSize = Infinity
  return {
    send: (aggregates, entries) => {
      for (const aggregate of aggregates) trackAggregate(client, aggregate)
      for (const entry of entries) trackEntry(client, entry)
      return flush(client, aggregates.length + entries.length)
    },
  }
}

function trackAggregate(client: TelemetryClient, { name, dimensions, count, sum, min, max }: Aggregate): void {
  client.trackMetric({ name, value: sum, count, min, max, properties: { ...dimensions } })
}

function trackEntry(client: TelemetryClient, { name, timeMs, operation, properties, measurements }: Entry): void {
  const { operationId, operationParentId } = client.context.keys
  client.trackEvent({
    name,
    time: new Date(timeMs),
    properties: { ...properties },
    measurements: { ...measurements },
    tagOverrides: operation ? { [operationId]: operation.id, [operationParentId]: operation.parentId } : {},
  })
}

function flush(client: TelemetryClient, items: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.flush({
      callback: (answer) => {
        if (accepted(answer) >= items) resolve()
        else reject(new Error(`expected ${items} items to be accepted, got "${answer.slice(0, 200)}"`))
      },
    })
  })
}

/** How many items the service says it took; none when the answer is not the service's, but an error's text. */
function accepted(answer: string): number {
  try {
    const { itemsAccepted } = JSON.parse(answer) as { itemsAccepted?: unknown }
    return typeof itemsAccepted === 'number' ? itemsAccepted : 0
  } catch {
    return 0
  }
}
