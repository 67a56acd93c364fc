// Tested in test/local/host/hooks.test.ts.
import { type EventHubConsumerClient, type RetryOptions } from '@azure/event-hubs'

/** What of the client's inside is reached for. */
interface Inside {
  readonly _context: {
    readonly managementSession?: {
      getEventHubProperties: (options: { readonly retryOptions?: RetryOptions }) => unknown
    }
  }
}

/**
 * Makes the client's load balancing wait as told, too. It asks the hub for its partitions without the client's retry
 * options (`eventProcessor.js` _runLoopWithLoadBalancing): after any failure it would stand still for half a minute,
 * renewing nothing and taking nothing, long enough for every partition to be up for grabs.
 */
export function hastenLoadBalancing(client: EventHubConsumerClient, retryOptions: RetryOptions): void {
  // The session is private to the client, and the loop's only way to the hub.
  const { managementSession } = (client as unknown as Inside)._context
  if (!managementSession) throw new Error('event hub client: expected a management session, found none')
  const ask = managementSession.getEventHubProperties.bind(managementSession)
  managementSession.getEventHubProperties = (options) => ask({ retryOptions, ...options })
}
