// Tested in test/local/start.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { type HubConnection } from '../../src/azure/event-sender'
import { sendPulse } from '../../src/azure/pulse'

/**
 * Lets the windows of a finished replay close as they would by themselves: once the partitions have been quiet for
 * longer than the fold asks, a heartbeat goes into each. Afterwards the stream's clock is today's.
 */
export async function settle({
  connection,
  hubName,
  idleAfterMs,
  signal,
}: {
  readonly connection: HubConnection
  readonly hubName: string
  readonly idleAfterMs: number
  readonly signal: AbortSignal
}): Promise<void> {
  // The hub stamps in whole milliseconds, and the rule asks for more than idleAfter.
  await sleep(idleAfterMs + 1000, undefined, { signal })
  await sendPulse({ connection, hubName, nowMs: Date.now() })
}
