import { openEventReader } from '../../src/azure/event-reader'
import { type Hub } from '../../local/hub/hub'
import { consumerOf, fromStart, groupName, hubName, later, numbered, producerOf, runHub } from '../local/hub/running'

function readerOf(hub: Hub) {
  const reader = openEventReader({ connection: { connectionString: hub.connectionString }, hubName })
  later(() => reader.close())
  return reader
}

/** Owns a partition as the Functions host does, with an epoch; resolves to what it is refused, if anything, and ends. */
async function own(hub: Hub, partition: string) {
  const faults: Error[] = []
  let opened = () => undefined as void
  const reading = new Promise<void>((resolve) => (opened = resolve))
  const subscription = consumerOf(hub, { group: groupName }).subscribe(
    partition,
    {
      processEvents: () => Promise.resolve(opened()),
      processError: (fault) => Promise.resolve(void faults.push(fault)),
    },
    { startPosition: fromStart, ownerLevel: 1, maxWaitTimeInSeconds: 1 },
  )
  later(() => subscription.close())
  await reading
  return faults
}

test('a range is read back, in order, while its partition has an owner, who does not notice', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('event ', 1200), { partitionId: '1' })
  const faults = await own(hub, '1')
  const reader = readerOf(hub)
  expect(await reader.partitions()).toEqual([0, 1])
  expect(await reader.held(0)).toBeUndefined()
  expect(await reader.held(1)).toEqual({ first: 0, last: 1199 })
  const read: string[] = []
  for await (const page of reader.read(1, { first: 7, last: 1100 })) {
    for (const { sequence, body } of page) read.push(`${sequence} ${Buffer.from(body).toString()}`)
  }
  expect(read).toEqual(Array.from({ length: 1094 }, (_, i) => `${i + 7} event ${i + 7}`))
  expect(faults).toEqual([])
})
