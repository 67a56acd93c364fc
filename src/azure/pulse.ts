// Tested in test/local/start.test.ts.
import { randomUUID } from 'node:crypto'
import { type HubConnection, openEventSender } from './event-sender'

/** Sends a heartbeat event into every partition of a hub. Throws when any was not taken; sending it again does no harm. */
export async function sendPulse({
  connection,
  hubName,
  nowMs,
}: {
  readonly connection: HubConnection
  readonly hubName: string
  readonly nowMs: number
}): Promise<void> {
  const sender = openEventSender({ connection, hubName })
  try {
    const partitions = await sender.partitionIds()
    await Promise.all(partitions.map((partition) => sender.sendToPartition(partition, pulse(nowMs))))
  } finally {
    await sender.close()
  }
}

function pulse(nowMs: number): Uint8Array {
  const event = { eventId: randomUUID(), type: 'pulse', eventTime: new Date(nowMs).toISOString() }
  return Buffer.from(JSON.stringify(event))
}
