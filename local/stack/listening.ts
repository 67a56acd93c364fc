// Tested in test/local/start.test.ts.
import { once } from 'node:events'
import { connect } from 'node:net'

/** Whether something on this machine takes connections at a port. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
