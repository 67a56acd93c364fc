import { Connection, type EventContext, type Receiver } from 'rhea-promise'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { capReceiverCredit } from '../../../local/host/credit'
import { startHub } from '../../../local/hub/hub'
import { EventHubProducerClient } from '@azure/event-hubs'

const config = {
  UserConfig: {
    NamespaceConfig: [
      { Type: 'EventHub', Name: 'emulatorNs1', Entities: [{ Name: 'hub', PartitionCount: 1, ConsumerGroups: [] }] },
    ],
  },
}

test('a receiver granted again and again is never sent more than its largest grant ahead', async () => {
  capReceiverCredit()
  const dataDir = mkdtempSync(join(tmpdir(), 'host-credit-'))
  const hub = await startHub({ config, dataDir, port: 0 })
  const connection = new Connection({ host: '127.0.0.1', port: hub.port, reconnect: false, username: 'anonymous' })
  const producer = new EventHubProducerClient(hub.connectionString, 'hub')
  try {
    await connection.open()
    const { receiver, arrived } = await openReceiver(connection)
    for (let grant = 0; grant < 10; grant++) receiver.addCredit(30)
    expect(receiver.credit).toBe(30)
    await producer.sendBatch(Array.from({ length: 100 }, () => ({ body: 'x' })))
    await arrived(30)
    expect(receiver.credit).toBe(0)
    receiver.addCredit(20)
    expect(receiver.credit).toBe(20)
    receiver.addCredit(30)
    expect(receiver.credit).toBe(30)
  } finally {
    await producer.close()
    await connection.close()
    await hub.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('a receiver is granted no more events than the bytes would hold, by the size of those it has seen', async () => {
  const mb = 1 << 20
  capReceiverCredit(10 * mb)
  const dataDir = mkdtempSync(join(tmpdir(), 'host-credit-'))
  const hub = await startHub({ config, dataDir, port: 0 })
  const connection = new Connection({ host: '127.0.0.1', port: hub.port, reconnect: false, username: 'anonymous' })
  const producer = new EventHubProducerClient(hub.connectionString, 'hub')
  try {
    await connection.open()
    const { receiver, arrived } = await openReceiver(connection)
    // Before the first event, each may be as large as an event can be.
    receiver.addCredit(30)
    expect(receiver.credit).toBe(10)
    await producer.sendBatch(Array.from({ length: 10 }, () => ({ body: Buffer.from('x') })))
    await arrived(10)
    receiver.addCredit(30)
    expect(receiver.credit).toBe(30)
    for (let sent = 0; sent < 30; sent++) await producer.sendBatch([{ body: Buffer.alloc(mb / 2) }])
    await arrived(40)
    receiver.addCredit(30)
    expect(receiver.credit).toBe(20)
  } finally {
    capReceiverCredit()
    await producer.close()
    await connection.close()
    await hub.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
})

interface Opened {
  readonly receiver: Receiver
  /** Resolves when that many events have arrived. */
  readonly arrived: (count: number) => Promise<void>
}

async function openReceiver(connection: Connection): Promise<Opened> {
  let received = 0
  let look: () => void = () => undefined
  const onMessage = (_context: EventContext): void => {
    received++
    look()
  }
  const receiver = await connection.createReceiver({
    source: { address: 'hub/ConsumerGroups/$Default/Partitions/0' },
    credit_window: 0,
    onMessage,
    onError: () => undefined,
    onSessionError: () => undefined,
  })
  const arrived = (count: number): Promise<void> =>
    new Promise((resolve) => {
      look = () => void (received >= count && resolve())
      look()
    })
  return { receiver, arrived }
}
