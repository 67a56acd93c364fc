// Tested in test/local/storage/gateway-wire.test.ts.
import { type IncomingMessage } from 'node:http'
import { type DfsCall } from './dfs-call'
import { asDfsError, dfsError } from './dfs-error'
import { listPaths } from './dfs-listing'
import { remove, rename, statusOf } from './dfs-move'
import { append, createFile, createFolder, flush, type Version } from './dfs-write'
import { type Emulator } from './emulator'

/** An HTTP answer; `json` becomes its body. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json?: unknown
}

/**
 * Carries a DFS call out on the emulator and answers it as the service does. Throws what `refusal` turns into an
 * answer.
 */
export async function answer(emulator: Emulator, call: DfsCall, request: IncomingMessage): Promise<Reply> {
  switch (call.kind) {
    case 'create-file':
      return versioned(201, await createFile(emulator, call, request.headers))
    case 'create-folder':
      return versioned(201, await createFolder(emulator, call))
    case 'append':
      return versioned(202, await append(emulator, call, request))
    case 'flush':
      return versioned(200, await flush(emulator, call))
    case 'rename':
      return versioned(201, await rename(emulator, call))
    case 'status': {
      const status = await statusOf(emulator, call)
      const about = { 'x-ms-resource-type': status.resource, 'content-length': String(status.sizeBytes) }
      return versioned(200, status, about)
    }
    case 'delete':
      await remove(emulator, call)
      return versioned(200, {})
    case 'list': {
      const { paths, continuation } = await listPaths(emulator.service.getContainerClient(call.container), call)
      return { ...versioned(200, {}, continuation ? { 'x-ms-continuation': continuation } : {}), json: { paths } }
    }
    case 'create-container':
    case 'container-properties':
    case 'delete-container':
      return containerReply(emulator, call)
    case 'unsupported':
      throw dfsError('NotImplemented', `Asked for ${call.what}.`)
    default: {
      const never: never = call
      return never
    }
  }
}

type ContainerCall = Extract<DfsCall, { kind: 'create-container' | 'container-properties' | 'delete-container' }>

async function containerReply({ service }: Emulator, { kind, container }: ContainerCall): Promise<Reply> {
  const client = service.getContainerClient(container)
  switch (kind) {
    case 'create-container':
      return versioned(201, await client.create())
    case 'container-properties':
      return versioned(200, await client.getProperties(), { 'x-ms-namespace-enabled': 'true' })
    case 'delete-container':
      await client.delete()
      return versioned(202, {})
    default: {
      const never: never = kind
      return never
    }
  }
}

/** Any failure as the service's answer: status, `x-ms-error-code`, and code and message as JSON. */
export function refusal(error: unknown): Reply {
  const { status, code, message } = asDfsError(error)
  return { status, headers: { 'x-ms-error-code': code }, json: { error: { code, message } } }
}

function versioned(status: number, { etag, lastModified }: Version, more: Record<string, string> = {}): Reply {
  return {
    status,
    headers: {
      ...(etag && { etag }),
      ...(lastModified && { 'last-modified': lastModified.toUTCString() }),
      'x-ms-request-server-encrypted': 'false',
      ...more,
    },
  }
}
