import { type Connection, type EventContext, create_container, message } from 'rhea'
import { later } from './running'

/** A plain AMQP client, not the SDK, closed after the test. */
export interface PlainClient {
  readonly connection: Connection
  readonly opened: Promise<unknown>
}

/** Connects to a port of this machine; options are those of rhea. */
export function connect(port: number, options: Record<string, unknown> = {}): PlainClient {
  const container = create_container()
  container.on('error', () => undefined)
  container.on('disconnected', () => undefined)
  const connection = container.connect({ host: '127.0.0.1', port, reconnect: false, ...options })
  later(() => {
    connection.close()
    hangUp(connection)
  })
  return { connection, opened: once(connection, 'connection_open') }
}

/** Drops the TCP connection without a goodbye. */
export function hangUp(connection: Connection): void {
  const socket = connection.socket as { destroy(): void }
  socket.destroy()
  // rhea does not notice a socket destroyed on its own side, and would keep its heartbeat timers.
  ;(connection as unknown as { _disconnected(): void })._disconnected()
}

/** The next event of this name. */
export function once(
  emitter: { once(name: string, listener: (context: EventContext) => void): unknown },
  name: string,
): Promise<EventContext> {
  return new Promise((resolve) => emitter.once(name, resolve))
}

/** An encoded message whose body is these data sections. */
export function dataMessage(...sections: readonly (Buffer | string)[]): Buffer {
  return message.encode({ body: dataBody(...sections) })
}

/** A message body of these data sections; rhea types it `any`. */
export function dataBody(...sections: readonly (Buffer | string)[]): unknown {
  return message.data_sections(sections.map((section) => Buffer.from(section)))
}
