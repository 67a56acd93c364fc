import { type EventSender, openEventSender } from '../../src/azure/event-sender'
import { type Hub } from '../../local/hub/hub'
import { bodies, consumerOf, hubName, later, receive, runHub } from '../local/hub/running'

function senderTo(hub: Hub): EventSender {
  const sender = openEventSender({ connection: { connectionString: hub.connectionString }, hubName })
  later(() => sender.close())
  return sender
}

/** Bodies of `count` events per partition. */
async function contents(hub: Hub, counts: Readonly<Record<string, number>>): Promise<string[][]> {
  const consumer = consumerOf(hub)
  return Promise.all(
    Object.entries(counts).map(async ([partition, count]) => bodies(await receive(consumer, partition, count))),
  )
}

test('events of one key keep their order, over more bytes than one batch takes', async () => {
  const hub = await runHub()
  const sender = senderTo(hub)
  const filler = 'x'.repeat(300_000)
  const sent = Array.from({ length: 9 }, (_, i) => `${i}${filler}`)
  // Two keys take turns; which partition a key goes to is for the hub to say.
  await sender.send(sent.flatMap((text) => ['a', 'b'].map((key) => ({ key, body: Buffer.from(key + text) }))))
  const last = await Promise.all(['0', '1'].map(async (id) => (await hubCount(hub, id)) ?? 0))
  expect(last.reduce((sum, count) => sum + count, 0)).toBe(18)
  const received = (await contents(hub, Object.fromEntries(last.flatMap((n, id) => (n > 0 ? [[id, n]] : []))))).flat()
  for (const key of ['a', 'b']) {
    const ofKey = received.filter((text) => text.startsWith(key))
    expect(ofKey.map((text) => text.slice(0, 2))).toEqual(sent.map((text) => key + text.slice(0, 1)))
  }
})

async function hubCount(hub: Hub, partition: string): Promise<number> {
  const { lastEnqueuedSequenceNumber } = await consumerOf(hub).getPartitionProperties(partition)
  return lastEnqueuedSequenceNumber + 1
}

test('bodies arrive byte for byte, whatever they are', async () => {
  const hub = await runHub()
  const sender = senderTo(hub)
  const body = Uint8Array.from({ length: 256 }, (_, i) => i)
  await sender.sendToPartition('1', body)
  const [event] = await receive(consumerOf(hub), '1', 1)
  expect(Buffer.from(event?.body as Uint8Array)).toEqual(Buffer.from(body))
})

test('every partition can be named and sent to', async () => {
  const hub = await runHub()
  const sender = senderTo(hub)
  const ids = await sender.partitionIds()
  expect(ids).toEqual(['0', '1'])
  for (const id of ids) await sender.sendToPartition(id, Buffer.from(`to ${id}`))
  expect(await contents(hub, { 0: 1, 1: 1 })).toEqual([['to 0'], ['to 1']])
})

test('nothing to send is nothing sent', async () => {
  const hub = await runHub()
  await senderTo(hub).send([])
  expect(await hubCount(hub, '0')).toBe(0)
})

test('a body larger than the hub takes is an error with its size', async () => {
  const sender = senderTo(await runHub())
  await expect(sender.send([{ key: 'store-7', body: Buffer.alloc(2_000_000) }])).rejects.toThrow(
    /^event hub orders: expected an event of less than \d+ bytes, got 2000000 bytes for "store-7"; send it in parts$/,
  )
})

test('when a send fails, nothing of it is on its way any more, and keys not begun are left', async () => {
  const hub = await runHub()
  const sender = senderTo(hub)
  const keys = Array.from({ length: 200 }, (_, i) => `store-${i}`)
  const large = { key: 'store-7', body: Buffer.alloc(2_000_000) }
  const sending = sender.send([...keys.map((key) => ({ key, body: Buffer.alloc(1000) })), large])
  await expect(sending).rejects.toThrow('send it in parts')
  const held = async () => (await hubCount(hub, '0')) + (await hubCount(hub, '1'))
  const atFailure = await held()
  expect(atFailure).toBeLessThan(keys.length)
  // The same connection: whatever was still on its way would arrive before these.
  await sender.send(keys.map((key) => ({ key, body: Buffer.alloc(10) })))
  expect(await held()).toBe(atFailure + keys.length)
})
