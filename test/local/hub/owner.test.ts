import { type EventHubConsumerClient } from '@azure/event-hubs'
import { type Hub } from '../../../local/hub/hub'
import {
  bodies,
  consumerOf,
  fromStart,
  groupName,
  later,
  numbered,
  producerOf,
  receive,
  runHub,
  until,
} from './running'

const disconnected = { code: 'ReceiverDisconnectedError' }

/** A receiver left running: `fault` is the first thing the client reports. */
function hold(consumer: EventHubConsumerClient, ownerLevel?: number): { readonly fault: Promise<Error> } {
  const fault = new Promise<Error>((resolve) => {
    const subscription = consumer.subscribe(
      '0',
      { processEvents: () => Promise.resolve(), processError: (error) => Promise.resolve(resolve(error)) },
      { startPosition: fromStart, ...(ownerLevel === undefined ? {} : { ownerLevel }) },
    )
    later(() => subscription.close())
  })
  return { fault }
}

const receivers = (hub: Hub) => hub.health().hubs[0]?.partitions[0]?.receivers

test('a receiver with a higher owner level takes over and the one before is disconnected', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 2), { partitionId: '0' })
  const first = hold(consumerOf(hub), 1)
  await until(() => receivers(hub) === 1)
  const events = await receive(consumerOf(hub), '0', 2, { startPosition: fromStart, ownerLevel: 2 })
  expect(await first.fault).toMatchObject(disconnected)
  expect(bodies(events)).toEqual(['a0', 'a1'])
})

test('a receiver with an owner level disconnects those without', async () => {
  const hub = await runHub()
  const plain = hold(consumerOf(hub))
  await until(() => receivers(hub) === 1)
  hold(consumerOf(hub), 1)
  expect(await plain.fault).toMatchObject(disconnected)
})

test('a lower owner level, or none, is refused while a higher one reads', async () => {
  const hub = await runHub()
  hold(consumerOf(hub), 5)
  await until(() => receivers(hub) === 1)
  expect(await hold(consumerOf(hub), 4).fault).toMatchObject(disconnected)
  expect(await hold(consumerOf(hub)).fault).toMatchObject(disconnected)
  expect(receivers(hub)).toBe(1)
})

test('consumer groups do not disconnect each other', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 1), { partitionId: '0' })
  hold(consumerOf(hub), 5)
  await until(() => receivers(hub) === 1)
  const other = consumerOf(hub, { group: groupName })
  expect(bodies(await receive(other, '0', 1, { startPosition: fromStart, ownerLevel: 1 }))).toEqual(['a0'])
  expect(receivers(hub)).toBe(1)
})

test('an owner that has left makes way for a lower level', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 1), { partitionId: '0' })
  await receive(consumerOf(hub), '0', 1, { startPosition: fromStart, ownerLevel: 9 })
  await until(() => receivers(hub) === 0)
  const events = await receive(consumerOf(hub), '0', 1, { startPosition: fromStart, ownerLevel: 1 })
  expect(bodies(events)).toEqual(['a0'])
})
