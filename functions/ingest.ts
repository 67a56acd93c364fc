// Tested in test/local/start.test.ts.
import { app, type EventHubFunctionOptions, type InvocationContext } from '@azure/functions'
import { inInvocation } from '../src/app/invocation'
import { logTo } from '../src/app/log'
import { run } from '../src/app/running'
import { readTriggerBatch } from '../src/azure/trigger-batch'
import { inLake } from '../src/pipeline/stream/numbering'

/** Each batch of a partition: bronze, silver, gold, PostgreSQL. A throw makes the host bring the same batch again. */
async function ingest(events: unknown, context: InvocationContext): Promise<void> {
  const { partition, messages } = readTriggerBatch(events, context.triggerMetadata)
  const { ingest: stream, settings } = await run(logTo(context))
  await inInvocation(context, () => stream.take(partition, inLake(messages, settings.stream.generation)))
}

// The type lacks dataType, the host knows it: without it one body that is no JSON fails the batch before the handler runs.
const options: EventHubFunctionOptions & { dataType: 'binary' } = {
  connection: 'EventHubConnection',
  eventHubName: '%EVENT_HUB_NAME%',
  consumerGroup: '%EVENT_HUB_CONSUMER_GROUP%',
  cardinality: 'many',
  dataType: 'binary',
  // No limit to retries: after the last one the host would put its checkpoint past a batch that no table holds.
  retry: { strategy: 'exponentialBackoff', minimumInterval: 1000, maximumInterval: 60_000, maxRetryCount: -1 },
  handler: ingest,
}

app.eventHub('ingest', options)
