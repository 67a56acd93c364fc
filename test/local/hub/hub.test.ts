import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startHub } from '../../../local/hub/hub'
import { partitionOfKey } from '../../../local/hub/partition-key'
import {
  bodies,
  consumerOf,
  fromStart,
  groupName,
  hubConfig,
  hubName,
  numbered,
  producerOf,
  receive,
  runHub,
  temporaryFolder,
  until,
} from './running'

test('events sent to a partition are received from it in order, in every consumer group', async () => {
  const hub = await runHub()
  const producer = producerOf(hub)
  await producer.sendBatch(numbered('a', 150), { partitionId: '0' })
  await producer.sendBatch(numbered('b', 3), { partitionId: '1' })
  const expected = numbered('a', 150).map((event) => event.body.toString())
  expect(bodies(await receive(consumerOf(hub), '0', 150))).toEqual(expected)
  expect(bodies(await receive(consumerOf(hub, { group: groupName }), '0', 150))).toEqual(expected)
  expect(bodies(await receive(consumerOf(hub), '1', 3))).toEqual(['b0', 'b1', 'b2'])
})

test('a receiver that waits gets events as they are sent', async () => {
  const hub = await runHub()
  const producer = producerOf(hub)
  const waiting = receive(consumerOf(hub), '0', 20)
  for (let index = 0; index < 20; index++) {
    await producer.sendBatch([{ body: Buffer.from(String(index)) }], { partitionId: '0' })
  }
  expect(bodies(await waiting)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)))
})

test('sequence numbers are contiguous from 0, offsets rise, enqueued times follow the clock but never fall', async () => {
  const times = [5_000, 9_000, 7_000]
  let sends = 0
  const hub = await runHub({ clock: () => times[sends] ?? 7_000 })
  const producer = producerOf(hub)
  for (; sends < 3; sends++) await producer.sendBatch(numbered('e', 3), { partitionId: '0' })
  const events = await receive(consumerOf(hub), '0', 9)
  expect(events.map((event) => event.sequenceNumber)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  const offsets = events.map((event) => Number(event.offset))
  expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
  expect(events.every((event) => typeof event.offset === 'string')).toBe(true)
  const enqueued = events.map((event) => event.enqueuedTimeUtc.getTime())
  expect(enqueued).toEqual([5_000, 5_000, 5_000, 9_000, 9_000, 9_000, 9_000, 9_000, 9_000])
})

test('a partition key always leads to the partition the SDK computes for it, and is delivered', async () => {
  const hub = await runHub({ config: hubConfig(4) })
  const producer = producerOf(hub)
  const keys = ['store-1', 'store-2', 'Zürich', '', '12345678901234567890']
  for (const key of keys) await producer.sendBatch([{ body: Buffer.from(key) }], { partitionKey: key })
  for (const key of keys) await producer.sendBatch([{ body: Buffer.from(key) }], { partitionKey: key })
  for (const partition of ['0', '1', '2', '3']) {
    const expected = [...keys, ...keys].filter((key) => String(partitionOfKey(key, 4)) === partition)
    if (expected.length === 0) continue
    const events = await receive(consumerOf(hub), partition, expected.length)
    expect(bodies(events)).toEqual(expected)
    expect(events.map((event) => event.partitionKey)).toEqual(expected)
  }
})

test('events without a key go to the partitions in turn', async () => {
  const hub = await runHub({ config: hubConfig(3) })
  const producer = producerOf(hub)
  for (let send = 0; send < 6; send++) await producer.sendBatch([{ body: Buffer.from('x') }])
  const [orders] = hub.health().hubs
  expect(orders?.partitions.map((partition) => partition.nextSequence)).toEqual([2, 2, 2])
})

test('a batch keeps the body and properties of each event as they were sent', async () => {
  const hub = await runHub()
  const producer = producerOf(hub)
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const large = Buffer.alloc(200_000, 'z')
  const sent = [
    { body: Buffer.alloc(0) },
    { body: everyByte, properties: { text: 'ä', number: 7, flag: true } },
    { body: large, contentType: 'application/json', correlationId: 'c-1', messageId: 'm-1' },
  ]
  const batch = await producer.createBatch({ partitionId: '0' })
  for (const event of sent) expect(batch.tryAdd(event)).toBe(true)
  await producer.sendBatch(batch)
  const events = await receive(consumerOf(hub), '0', 3)
  expect(
    events.map((event) => Buffer.compare(event.body as Buffer, sent[events.indexOf(event)]?.body as Buffer)),
  ).toEqual([0, 0, 0])
  expect(events[1]?.properties).toEqual({ text: 'ä', number: 7, flag: true })
  expect(events[2]).toMatchObject({ contentType: 'application/json', correlationId: 'c-1', messageId: 'm-1' })
})

test('a body that is no binary is delivered as the type it was sent with', async () => {
  const hub = await runHub()
  const raw = { body: { value: 3, list: ['a'] }, bodyType: 'value' as const }
  await producerOf(hub).sendBatch([raw], { partitionId: '0' })
  const [event] = await receive(consumerOf(hub), '0', 1)
  expect(event?.body).toEqual({ value: 3, list: ['a'] })
})

test('events and their numbers are there after a restart, and numbering goes on', async () => {
  const dataDir = temporaryFolder()
  const first = await runHub({ dataDir })
  await producerOf(first).sendBatch(numbered('a', 3), { partitionId: '0' })
  const before = await receive(consumerOf(first), '0', 3)
  await first.close()
  const second = await runHub({ dataDir })
  await producerOf(second).sendBatch(numbered('b', 2), { partitionId: '0' })
  const after = await receive(consumerOf(second), '0', 5)
  expect(bodies(after)).toEqual(['a0', 'a1', 'a2', 'b0', 'b1'])
  expect(after.map((event) => event.sequenceNumber)).toEqual([0, 1, 2, 3, 4])
  const place = (events: typeof after) => events.map((event) => [event.offset, event.enqueuedTimeUtc.getTime()])
  expect(place(after).slice(0, 3)).toEqual(place(before))
})

describe('a receiver starts', () => {
  async function hubWithTenEvents() {
    let nowMs = 1_000
    const hub = await runHub({ clock: () => nowMs })
    const producer = producerOf(hub)
    for (let index = 0; index < 10; index++) {
      nowMs = 1_000 * (index + 1)
      await producer.sendBatch([{ body: Buffer.from(String(index)) }], { partitionId: '0' })
    }
    return { hub, producer, all: await receive(consumerOf(hub), '0', 10) }
  }

  test('at a sequence number, after it or with it', async () => {
    const { hub } = await hubWithTenEvents()
    const after = { startPosition: { sequenceNumber: 6 } }
    const withIt = { startPosition: { sequenceNumber: 6, isInclusive: true } }
    expect(bodies(await receive(consumerOf(hub), '0', 3, after))).toEqual(['7', '8', '9'])
    expect(bodies(await receive(consumerOf(hub), '0', 4, withIt))).toEqual(['6', '7', '8', '9'])
  })

  test('at an offset, after it or with it', async () => {
    const { hub, all } = await hubWithTenEvents()
    const offset = all[7]?.offset ?? ''
    expect(bodies(await receive(consumerOf(hub), '0', 2, { startPosition: { offset } }))).toEqual(['8', '9'])
    const withIt = { startPosition: { offset, isInclusive: true } }
    expect(bodies(await receive(consumerOf(hub), '0', 3, withIt))).toEqual(['7', '8', '9'])
  })

  test('after an enqueued time', async () => {
    const { hub } = await hubWithTenEvents()
    const startPosition = { enqueuedOn: new Date(8_000) }
    expect(bodies(await receive(consumerOf(hub), '0', 2, { startPosition }))).toEqual(['8', '9'])
  })

  test('at the end, with what is sent from then on', async () => {
    const { hub, producer } = await hubWithTenEvents()
    const receiving = receive(consumerOf(hub), '0', 1, { startPosition: { offset: '@latest' } })
    await until(() => hub.health().hubs[0]?.partitions[0]?.receivers === 1)
    await producer.sendBatch([{ body: Buffer.from('new') }], { partitionId: '0' })
    expect(bodies(await receiving)).toEqual(['new'])
  })

  test('not after the last event, as a checkpoint of a hub since recreated would have it', async () => {
    const { hub } = await hubWithTenEvents()
    const beyond = receive(consumerOf(hub), '0', 1, { startPosition: { sequenceNumber: 10 } })
    await expect(beyond).rejects.toThrow("'10' is invalid. The last sequence number in the system is '9'")
    await expect(beyond).rejects.toMatchObject({ code: 'ArgumentError' })
  })
})

test('a receiver that asks for it is told how far the partition has got', async () => {
  const hub = await runHub({ clock: () => 5_000 })
  await producerOf(hub).sendBatch(numbered('a', 3), { partitionId: '0' })
  const consumer = consumerOf(hub)
  const seen = new Promise((resolve, reject) => {
    consumer.subscribe(
      '0',
      {
        processEvents: (events, context) => {
          if (events.length > 0) resolve(context.lastEnqueuedEventProperties)
          return Promise.resolve()
        },
        processError: (fault) => Promise.resolve(reject(fault)),
      },
      { startPosition: fromStart, trackLastEnqueuedEventProperties: true },
    )
  })
  expect(await seen).toMatchObject({ sequenceNumber: 2, enqueuedOn: new Date(5_000) })
})

test('the properties of a hub and its partitions can be read', async () => {
  const hub = await runHub({ clock: () => 42_000 })
  const producer = producerOf(hub)
  expect(await producer.getEventHubProperties()).toMatchObject({ name: hubName, partitionIds: ['0', '1'] })
  const empty = await producer.getPartitionProperties('1')
  expect(empty).toMatchObject({ isEmpty: true, lastEnqueuedSequenceNumber: -1, lastEnqueuedOffset: '-1' })
  await producer.sendBatch(numbered('a', 3), { partitionId: '1' })
  const [last] = (await receive(consumerOf(hub), '1', 3)).slice(-1)
  expect(await producer.getPartitionProperties('1')).toEqual({
    beginningSequenceNumber: 0,
    eventHubName: hubName,
    isEmpty: false,
    lastEnqueuedOffset: last?.offset,
    lastEnqueuedOnUtc: new Date(42_000),
    lastEnqueuedSequenceNumber: 2,
    partitionId: '1',
  })
})

test('hubs, consumer groups and partitions that are not configured are not found', async () => {
  const hub = await runHub()
  const missing = { code: 'MessagingEntityNotFoundError' }
  const stranger = producerOf(hub, 'nope')
  await expect(stranger.getEventHubProperties()).rejects.toMatchObject(missing)
  await expect(stranger.sendBatch([{ body: 'x' }])).rejects.toMatchObject(missing)
  await expect(producerOf(hub).sendBatch([{ body: 'x' }], { partitionId: '2' })).rejects.toMatchObject(missing)
  await expect(producerOf(hub).getPartitionProperties('2')).rejects.toMatchObject(missing)
  await expect(receive(consumerOf(hub, { group: 'strangers' }), '0', 1)).rejects.toMatchObject(missing)
  await expect(receive(consumerOf(hub), '2', 1)).rejects.toMatchObject(missing)
})

test('a message over 1 MiB is rejected as too large, and the link goes on', async () => {
  const hub = await runHub()
  const producer = producerOf(hub)
  const body = Buffer.alloc(1024 * 1024, 'x')
  await expect(producer.sendBatch([{ body }], { partitionId: '0' })).rejects.toMatchObject({
    code: 'MessageTooLargeError',
  })
  await producer.sendBatch(numbered('a', 1), { partitionId: '0' })
  expect(bodies(await receive(consumerOf(hub), '0', 1))).toEqual(['a0'])
  expect((await producer.createBatch()).maxSizeInBytes).toBe(1024 * 1024)
})

test('old events go when retention no longer covers them, and numbering goes on', async () => {
  let nowMs = 1_000
  const hub = await runHub({ clock: () => nowMs, retentionMs: 60_000, segmentBytes: 2_000 })
  const producer = producerOf(hub)
  await producer.sendBatch(numbered('old', 30), { partitionId: '0' })
  nowMs += 61_000
  await producer.sendBatch(numbered('new', 2), { partitionId: '0' })
  expect(await producer.getPartitionProperties('0')).toMatchObject({ beginningSequenceNumber: 30, isEmpty: false })
  const events = await receive(consumerOf(hub), '0', 2)
  expect(events.map((event) => event.sequenceNumber)).toEqual([30, 31])
  nowMs += 61_000
  const emptied = { beginningSequenceNumber: 32, lastEnqueuedSequenceNumber: 31, isEmpty: true }
  expect(await producer.getPartitionProperties('0')).toMatchObject(emptied)
})

test('a busy port is named, with what to do', async () => {
  const hub = await runHub()
  const second = startHub({ config: hubConfig(), dataDir: temporaryFolder(), port: hub.port })
  await expect(second).rejects.toThrow(`port ${hub.port} is taken; stop what listens there`)
})

test('a data folder is used by one hub at a time', async () => {
  const dataDir = temporaryFolder()
  const hub = await runHub({ dataDir })
  await expect(startHub({ config: hubConfig(), dataDir, port: 0 })).rejects.toThrow(`in use by process ${process.pid}`)
  await hub.close()
  await runHub({ dataDir })
})

test('a data folder that cannot be one is named', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(startHub({ config: hubConfig(), dataDir: file, port: 0 })).rejects.toThrow(
    `hub data ${file}: expected a folder`,
  )
})

test('a hub with fewer partitions than it has data for does not start', async () => {
  const dataDir = temporaryFolder()
  const hub = await runHub({ dataDir, config: hubConfig(3) })
  await hub.close()
  await expect(startHub({ config: hubConfig(2), dataDir, port: 0 })).rejects.toThrow('found 2; configure the hub')
  await runHub({ dataDir, config: hubConfig(4) })
})
