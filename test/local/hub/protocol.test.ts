import { createConnection } from 'node:net'
import {
  type AmqpError,
  type Connection,
  type Delivery,
  type EventContext,
  type Message,
  type Receiver,
  type Sender,
  message,
  types,
} from 'rhea'
import { batchFormat } from '../../../local/hub/message'
import { connect, dataBody, dataMessage, hangUp, once } from './plain'
import { bodies, consumerOf, hubName, later, numbered, producerOf, receive, runHub, until } from './running'

/** What the .NET client of the Functions host sends as descriptor of a selector filter. */
const dotnetSelector = 0x137000000a
const partition0 = `${hubName}/ConsumerGroups/$Default/Partitions/0`

function bodyOf(context: EventContext): string {
  return String((context.message?.body as { content: Buffer }).content)
}

/** A receiver without automatic credit, and the bodies it has got. */
function openReader(connection: Connection, options: Record<string, unknown> = {}) {
  const receiver = connection.open_receiver({ source: partition0, credit_window: 0, ...options })
  const got: string[] = []
  receiver.on('message', (context: EventContext) => got.push(bodyOf(context)))
  return { receiver, got }
}

/** An open frame and nothing after it: a client that never sends a heartbeat. */
function openFrame(containerId: string): Buffer {
  const id = Buffer.from(containerId)
  const size = 8 + 6 + 2 + id.length
  const head = [0, 0, 0, size, 2, 0, 0, 0, 0x00, 0x53, 0x10, 0xc0, id.length + 3, 1, 0xa1, id.length]
  return Buffer.concat([Buffer.from(head), id])
}

async function ask(connection: Connection, node: string, request: Message, replyTo: Record<string, unknown>) {
  const receiver = connection.open_receiver({ source: { address: node }, ...replyTo })
  const sender = connection.open_sender({ target: { address: node } })
  await Promise.all([once(sender, 'sendable'), once(receiver, 'receiver_open')])
  const answered = once(receiver, 'message')
  sender.send(request)
  return (await answered).message as Message
}

async function send(connection: Connection, target: string, payload: Buffer, format = 0) {
  const sender = connection.open_sender({ target })
  await once(sender, 'sendable')
  const outcome = Promise.race([once(sender, 'accepted'), once(sender, 'rejected')])
  sender.send(payload, undefined, format)
  return (await outcome).delivery?.remote_state as { error?: { condition: string; description: string } }
}

test.each([
  ['no SASL', {}],
  ['ANONYMOUS', { username: 'any' }],
  ['PLAIN', { username: 'RootManageSharedAccessKey', password: 'SAS_KEY_VALUE' }],
  ['MSSBCBS', { sasl_mechanisms: { MSSBCBS: { start: (done: (e?: Error, r?: Buffer) => void) => done() } } }],
])('a client may connect with %s, and any host name', async (_, options) => {
  const hub = await runHub()
  await connect(hub.port, { ...options, hostname: 'localhost', properties: { product: 'MSDotNet' } }).opened
  expect(hub.health().connections).toBe(1)
})

test('the links of the .NET client are understood: described filter, settle modes, properties, capabilities', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 3), { partitionId: '0' })
  const { connection } = connect(hub.port, { hostname: 'localhost' })
  const { receiver, got } = openReader(connection, {
    name: 'receiver;0:1:2;source',
    source: {
      address: `amqps://localhost/${partition0}`,
      filter: {
        'apache.org:selector-filter:string': types.wrap_described(
          "amqp.annotation.x-opt-offset > '36'",
          dotnetSelector,
        ),
      },
    },
    snd_settle_mode: 1,
    rcv_settle_mode: 0,
    properties: {
      'com.microsoft:timeout': types.wrap_uint(60_000),
      'com.microsoft:entity-type': types.wrap_int(7),
      'com.microsoft:receiver-name': 'host-1',
      'com.microsoft:epoch': types.wrap_long(0),
    },
    desired_capabilities: ['com.microsoft:georeplication', 'com.microsoft:enable-receiver-runtime-metric'],
  })
  receiver.add_credit(10)
  await until(() => got.length === 2)
  expect(got).toEqual(['a1', 'a2'])
  expect(receiver.snd_settle_mode).toBe(1)
  expect(receiver.source.address).toBe(`amqps://localhost/${partition0}`)
})

test.each([
  ['a string', "amqp.annotation.x-opt-sequence-number >= '1'"],
  [
    'described by a symbol',
    types.wrap_described("amqp.annotation.x-opt-sequence-number > '0'", 'apache.org:selector-filter:string'),
  ],
])('a filter may be %s', async (_, filter) => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 2), { partitionId: '0' })
  const { receiver, got } = openReader(connect(hub.port).connection, {
    source: { address: partition0, filter: { any: filter } },
  })
  receiver.add_credit(10)
  await until(() => got.length === 1)
  expect(got).toEqual(['a1'])
})

test('a filter that cannot be evaluated refuses the link and says what is expected', async () => {
  const hub = await runHub()
  const filter = { any: types.wrap_described("amqp.annotation.x-opt-colour = 'red'", dotnetSelector) }
  const { receiver } = openReader(connect(hub.port).connection, { source: { address: partition0, filter } })
  await once(receiver, 'receiver_error')
  expect(receiver.error).toMatchObject({ condition: 'amqp:invalid-field' })
  expect((receiver.error as AmqpError).description).toContain("'red'")
})

test.each([
  ['the target address', { target: { address: 'back-here' } }],
  ['the link name', { name: 'back-here' }],
])('$cbs answers put-token with 202 to a reply-to that is %s', async (_, replyTo) => {
  const hub = await runHub()
  const { connection } = connect(hub.port)
  const application_properties = { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name: 'sb://x' }
  const request = { message_id: 'm1', reply_to: 'back-here', application_properties, body: 'token' }
  const answer = await ask(connection, '$cbs', request, replyTo)
  expect(answer).toMatchObject({ correlation_id: 'm1', application_properties: { 'status-code': 202 } })
})

test('$management answers what it does not know with 404 and what it cannot do with 501', async () => {
  const hub = await runHub()
  const read = (type: string, name: string, operation = 'READ'): Message => ({
    message_id: 'm',
    reply_to: 'r',
    application_properties: { operation, type, name, partition: '9' },
    body: undefined,
  })
  const status = async (request: Message) => {
    const { connection } = connect(hub.port)
    const answer = await ask(connection, '$management', request, { target: { address: 'r' } })
    return (answer.application_properties as Record<string, unknown>)['status-code']
  }
  expect(await status(read('com.microsoft:eventhub', hubName))).toBe(200)
  expect(await status(read('com.microsoft:eventhub', 'nope'))).toBe(404)
  expect(await status(read('com.microsoft:partition', hubName))).toBe(404)
  expect(await status(read('com.microsoft:eventhub', hubName, 'DELETE'))).toBe(501)
})

test('a single message of format 0 keeps all of its sections, and the hub sets the numbers', async () => {
  const hub = await runHub()
  const { connection } = connect(hub.port)
  const sent = {
    message_annotations: { 'x-opt-partition-key': 'k', 'x-opt-sequence-number': 99, custom: 'kept' },
    subject: 's',
    application_properties: { n: 5 },
  }
  expect(
    (await send(connection, `${hubName}/Partitions/0`, message.encode({ ...sent, body: dataBody('one', 'two') })))
      .error,
  ).toBeUndefined()
  const receiver = connection.open_receiver(partition0)
  const got = (await once(receiver, 'message')).message as Message
  expect(got.message_annotations).toMatchObject({
    'x-opt-partition-key': 'k',
    'x-opt-sequence-number': 0,
    custom: 'kept',
  })
  expect(got).toMatchObject({ subject: 's', application_properties: { n: 5 } })
  expect(got.body).toMatchObject({ content: [Buffer.from('one'), Buffer.from('two')] })
})

test.each([
  ['an outer message that is none', Buffer.from('hello')],
  ['a batch without events', dataMessage()],
  ['a batch with one malformed event', dataMessage(dataMessage('ok'), Buffer.from([0x00, 0x53, 0x75, 0xa0, 9]))],
])('%s is rejected and nothing of it is stored', async (_, payload) => {
  const hub = await runHub()
  const state = await send(connect(hub.port).connection, `${hubName}/Partitions/0`, payload, batchFormat)
  expect(state.error?.condition).toBe('amqp:decode-error')
  expect(hub.health().hubs[0]?.partitions[0]?.nextSequence).toBe(0)
})

test('a settled message that cannot be stored closes its link, which is all that can be said', async () => {
  const hub = await runHub()
  const sender = connect(hub.port).connection.open_sender({ target: hubName, snd_settle_mode: 1 })
  await once(sender, 'sendable')
  sender.send(Buffer.from('hello'), undefined, 0)
  await once(sender, 'sender_error')
  expect(sender.error).toMatchObject({ condition: 'amqp:decode-error' })
})

test('idempotent publishing is refused by name', async () => {
  const hub = await runHub()
  const sender = connect(hub.port).connection.open_sender({
    target: hubName,
    desired_capabilities: 'com.microsoft:idempotent-producer',
  })
  await once(sender, 'sender_error')
  expect(sender.error).toMatchObject({ condition: 'amqp:not-implemented' })
})

test('a receiver gets as many events as it gave credit for, and no more', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 10), { partitionId: '0' })
  const { receiver, got } = openReader(connect(hub.port).connection)
  receiver.add_credit(3)
  await until(() => got.length === 3)
  receiver.add_credit(2)
  await until(() => got.length >= 5)
  // Anything beyond the credit would have come with or before the answer to a request made later.
  await producerOf(hub).getEventHubProperties()
  expect(got).toEqual(['a0', 'a1', 'a2', 'a3', 'a4'])
})

test('draining gives back the credit that events could not use', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 4), { partitionId: '0' })
  const { receiver, got } = openReader(connect(hub.port).connection)
  await once(receiver, 'receiver_open')
  const drained = once(receiver, 'receiver_drained')
  receiver.add_credit(100)
  receiver.drain_credit()
  await drained
  expect(got).toEqual(['a0', 'a1', 'a2', 'a3'])
  expect((receiver as Receiver & { credit: number }).credit).toBe(0)
})

test('a reader that stops reading its socket delays nobody and gets everything when it goes on', async () => {
  const hub = await runHub()
  const producer = producerOf(hub)
  const { connection } = connect(hub.port)
  const { receiver, got } = openReader(connection)
  await once(receiver, 'receiver_open')
  receiver.add_credit(100_000)
  const socket = connection.socket as { pause(): void; resume(): void }
  socket.pause()
  const body = Buffer.alloc(50_000, 'x')
  for (let send = 0; send < 20; send++) {
    await producer.sendBatch(
      Array.from({ length: 20 }, () => ({ body })),
      { partitionId: '0' },
    )
  }
  const others = await receive(consumerOf(hub), '0', 400)
  expect(others).toHaveLength(400)
  expect(got.length).toBeLessThan(400)
  // 20 MB wait for it in the log; what waits in memory is one write.
  expect(hub.health().unsentBytes).toBeGreaterThan(0)
  expect(hub.health().unsentBytes).toBeLessThan(200_000)
  socket.resume()
  await until(() => got.length === 400)
}, 30_000)

test('a receiver gets no more frames than its session has room for', async () => {
  const hub = await runHub()
  await producerOf(hub).sendBatch(numbered('a', 50), { partitionId: '0' })
  const { connection } = connect(hub.port, { session_buffer_size: 10 })
  const { receiver, got } = openReader(connection, { autoaccept: false })
  const held: Delivery[] = []
  receiver.on('message', ({ delivery }: EventContext) => delivery && held.push(delivery))
  receiver.add_credit(100)
  await until(() => got.length === 10)
  // One frame too many would overflow rhea's buffer and end the connection.
  await producerOf(hub).getEventHubProperties()
  expect(got).toHaveLength(10)
  receiver.on('message', () => held.splice(0).forEach((delivery) => delivery.update(true)))
  held.splice(0).forEach((delivery) => delivery.update(true))
  await until(() => got.length === 50)
})

test('a large event reaches a client that takes small frames', async () => {
  const hub = await runHub()
  const body = 'y'.repeat(300_000)
  await producerOf(hub).sendBatch([{ body: Buffer.from(body) }], { partitionId: '0' })
  const { receiver, got } = openReader(connect(hub.port, { max_frame_size: 4096 }).connection)
  receiver.add_credit(1)
  await until(() => got.length === 1)
  expect(got[0] === body).toBe(true)
})

test.each(['sessions', 'links of one session'])('several %s of a connection are served side by side', async (shape) => {
  const hub = await runHub()
  const body = Buffer.alloc(1000, 'x')
  for (const partitionId of ['0', '1']) {
    await producerOf(hub).sendBatch(
      Array.from({ length: 500 }, () => ({ body })),
      { partitionId },
    )
  }
  const { connection } = connect(hub.port)
  const shared = connection.create_session()
  const readers = ['0', '1'].map((id) => {
    const session = shape === 'sessions' ? connection.create_session() : shared
    session.begin()
    const got: string[] = []
    const receiver = session.open_receiver(`${hubName}/ConsumerGroups/$Default/Partitions/${id}`)
    receiver.on('message', (context: EventContext) => got.push(bodyOf(context)))
    return got
  })
  await until(() => readers.every((got) => got.length === 500))
  expect(hub.health().lastFault).toBeUndefined()
})

test('a client that is gone leaves its partition, and what it sent stays', async () => {
  const hub = await runHub()
  const { connection } = connect(hub.port)
  const sender: Sender = connection.open_sender(`${hubName}/Partitions/0`)
  await once(sender, 'sendable')
  const { receiver } = openReader(connection)
  await once(receiver, 'receiver_open')
  const accepted = once(sender, 'accepted')
  sender.send({ body: dataBody('last words') })
  await accepted
  hangUp(connection)
  await until(() => hub.health().connections === 0)
  expect(hub.health().hubs[0]?.partitions[0]?.receivers).toBe(0)
  expect(bodies(await receive(consumerOf(hub), '0', 1))).toEqual(['last words'])
})

test('a connection that falls silent is closed', async () => {
  const hub = await runHub({ idleTimeoutMs: 50 })
  const socket = createConnection(hub.port, '127.0.0.1')
  later(() => void socket.destroy())
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(Buffer.concat([Buffer.from('AMQP\0\x01\0\0', 'latin1'), openFrame('silent')]))
  socket.resume()
  await until(() => hub.health().connections === 1)
  await closed
  await until(() => hub.health().connections === 0)
})

test('something that is no AMQP client ends its own connection only', async () => {
  const hub = await runHub()
  await expect(fetch(`http://127.0.0.1:${hub.port}/`)).rejects.toThrow()
  await producerOf(hub).sendBatch(numbered('a', 1), { partitionId: '0' })
  expect(hub.health().hubs[0]?.partitions[0]?.nextSequence).toBe(1)
  expect(hub.health().lastFault).toContain('Invalid protocol header')
})
