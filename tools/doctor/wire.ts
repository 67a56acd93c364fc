// Tested in test/tools/doctor.test.ts.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const patienceMs = 3000

/** Throws, saying what to look at, unless something at an address takes connections. */
export async function reach({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const socket = connect({ host, port, signal: AbortSignal.timeout(patienceMs) })
  try {
    await once(socket, 'connect')
  } catch (cause) {
    const { code = '', name } = cause as NodeJS.ErrnoException
    throw new Error(`${host}:${port}: ${reasons[code] ?? reasons[name] ?? code}`, { cause })
  } finally {
    socket.destroy()
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start it, or correct the address in the settings',
  ENOTFOUND: 'there is no such name; correct it in the settings, or look at DNS and the private zone',
  EAI_AGAIN: 'names cannot be looked up; look at DNS and the network',
  EHOSTUNREACH: 'no way leads there; look at the network and the VPN',
  ENETUNREACH: 'no way leads there; look at the network and the VPN',
  AbortError: `no answer within ${patienceMs / 1000} s; a firewall may be in between: let this address in`,
}

/** Who answers at a port of this machine: what we started there, something else, or nobody. */
export type Answer = 'ours' | 'other' | 'free'

/** A way to tell a service by its first words. */
export type Greeting = (port: number) => Promise<Answer>

/** Says hello in bytes and looks at the first ones that come back. */
export function inBytes(hello: readonly number[], isOurs: (reply: Buffer) => boolean): Greeting {
  return async (port) => {
    const socket = connect({ port, host: '127.0.0.1' })
    try {
      await once(socket, 'connect')
    } catch {
      socket.destroy()
      return 'free'
    }
    return (await replyTo(socket, Buffer.from(hello)).then(isOurs)) ? 'ours' : 'other'
  }
}

/** The first bytes of an answer; none when there is no answer, which is an answer, too. */
async function replyTo(socket: Socket, hello: Buffer): Promise<Buffer> {
  try {
    socket.write(hello)
    const [reply] = (await once(socket, 'data', { signal: AbortSignal.timeout(patienceMs) })) as [Buffer]
    return reply
  } catch {
    return Buffer.alloc(0)
  } finally {
    socket.destroy()
  }
}

/** Asks over HTTP and looks at the answer. */
export function overHttp(path: string, isOurs: (answer: Response) => boolean | Promise<boolean>): Greeting {
  return async (port) => {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(patienceMs) })
      return (await isOurs(answer)) ? 'ours' : 'other'
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
      return code === 'ECONNREFUSED' ? 'free' : 'other'
    }
  }
}
