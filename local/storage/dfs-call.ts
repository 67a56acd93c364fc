// Tested in test/local/storage/gateway-wire.test.ts.
import { type IncomingHttpHeaders } from 'node:http'
import { emulatorAccount } from '../../src/azure/credential'
import { dfsError } from './dfs-error'

/** A file or folder of a file system; names are decoded, `path` has no slash at either end. */
export interface DfsPath {
  readonly container: string
  readonly path: string
}

/** `If-Match` and its kin, of the target or, prefixed `x-ms-source-`, of the source. */
export interface Conditions {
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly ifModifiedSince?: Date
  readonly ifUnmodifiedSince?: Date
}

/** What a client asked of the DFS endpoint. */
export type DfsCall =
  | { readonly kind: 'create-container'; readonly container: string }
  | { readonly kind: 'container-properties'; readonly container: string }
  | { readonly kind: 'delete-container'; readonly container: string }
  | {
      readonly kind: 'list'
      readonly container: string
      readonly folder: string
      readonly depth: 'all' | 'one'
      readonly continuation: string
      readonly maxResults: number
    }
  | { readonly kind: 'create-file'; readonly at: DfsPath; readonly conditions: Conditions }
  | { readonly kind: 'create-folder'; readonly at: DfsPath; readonly conditions: Conditions }
  | {
      readonly kind: 'rename'
      readonly from: DfsPath
      readonly to: DfsPath
      readonly conditions: Conditions
      readonly sourceConditions: Conditions
    }
  | { readonly kind: 'append'; readonly at: DfsPath; readonly position: number; readonly then: 'flush' | 'keep' }
  | { readonly kind: 'flush'; readonly at: DfsPath; readonly position: number; readonly conditions: Conditions }
  | { readonly kind: 'status'; readonly at: DfsPath; readonly conditions: Conditions }
  | {
      readonly kind: 'delete'
      readonly at: DfsPath
      readonly reach: 'recursive' | 'single'
      readonly conditions: Conditions
    }
  | { readonly kind: 'unsupported'; readonly what: string }

/** The parts of an HTTP request that say what it asks. */
export interface DfsRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

const maxListed = 5_000

/**
 * Reads a request as a call to the DFS endpoint
 * (https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2), or undefined when it is one of the
 * blob endpoint: locally both live at one address, and only the query and a few headers tell them apart. Throws
 * `DfsError` when it is a DFS call with a parameter that cannot be read.
 */
export function parseDfsCall({ method, url, headers }: DfsRequest): DfsCall | undefined {
  const { pathname, searchParams: query } = new URL(url, 'http://gateway')
  const resource = query.get('resource')
  if (resource === 'filesystem') return containerCall(method, placeOf(pathname).container, query)
  if (resource === 'account') return { kind: 'unsupported', what: 'listing file systems' }
  switch (method) {
    case 'PUT':
      return putCall(pathname, resource, headers)
    case 'PATCH':
      return patchCall(placeOf(pathname), query, headers)
    case 'HEAD':
      return query.has('action')
        ? { kind: 'status', at: placeOf(pathname), conditions: conditionsOf(headers) }
        : undefined
    case 'DELETE':
      return deleteCall(pathname, query, headers)
    case 'POST':
      return headers['x-ms-lease-action'] && !query.has('comp') ? { kind: 'unsupported', what: 'leases' } : undefined
    default:
      return undefined
  }
}

function containerCall(method: string, container: string, query: URLSearchParams): DfsCall {
  switch (method) {
    case 'PUT':
      return { kind: 'create-container', container }
    case 'HEAD':
      return { kind: 'container-properties', container }
    case 'DELETE':
      return { kind: 'delete-container', container }
    case 'GET':
      return {
        kind: 'list',
        container,
        folder: trimmed(query.get('directory') ?? ''),
        depth: query.get('recursive') === 'true' ? 'all' : 'one',
        continuation: query.get('continuation') ?? '',
        maxResults: Math.min(wholeNumber(query, 'maxResults', maxListed) || maxListed, maxListed),
      }
    default:
      return { kind: 'unsupported', what: `${method} of a file system` }
  }
}

function putCall(pathname: string, resource: string | null, headers: IncomingHttpHeaders): DfsCall | undefined {
  const source = headers['x-ms-rename-source']
  const conditions = conditionsOf(headers)
  if (typeof source === 'string') {
    const from = placeOf(source.split('?')[0] ?? '')
    return {
      kind: 'rename',
      from,
      to: placeOf(pathname),
      conditions,
      sourceConditions: conditionsOf(headers, 'x-ms-source-'),
    }
  }
  if (resource === 'file') return { kind: 'create-file', at: placeOf(pathname), conditions }
  if (resource === 'directory') return { kind: 'create-folder', at: placeOf(pathname), conditions }
  return undefined
}

function patchCall(at: DfsPath, query: URLSearchParams, headers: IncomingHttpHeaders): DfsCall {
  const action = query.get('action') ?? ''
  switch (action) {
    case 'append': {
      const position = wholeNumber(query, 'position')
      return { kind: 'append', at, position, then: query.get('flush') === 'true' ? 'flush' : 'keep' }
    }
    case 'flush':
      return { kind: 'flush', at, position: wholeNumber(query, 'position'), conditions: conditionsOf(headers) }
    default:
      return { kind: 'unsupported', what: `action "${action}"` }
  }
}

function deleteCall(pathname: string, query: URLSearchParams, headers: IncomingHttpHeaders): DfsCall | undefined {
  // Without `recursive` the two endpoints' deletes differ only in the answer the client can read.
  const isDfs = query.has('recursive') || (headers.accept ?? '').includes('application/json')
  if (!isDfs) return undefined
  const reach = query.get('recursive') === 'true' ? 'recursive' : 'single'
  return { kind: 'delete', at: placeOf(pathname), reach, conditions: conditionsOf(headers) }
}

/**
 * `/account/container/path` decoded. The account is optional: the SDK's `move` leaves it out of the target of an
 * address like `http://127.0.0.1:10010/devstoreaccount1`, and keeps it in the source.
 */
function placeOf(pathname: string): DfsPath {
  const segments = trimmed(pathname).split('/').map(decodeURIComponent)
  if (segments[0] === emulatorAccount.name) segments.shift()
  const [container = '', ...names] = segments
  return { container, path: trimmed(names.join('/')) }
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, '')
}

function conditionsOf(headers: IncomingHttpHeaders, prefix: '' | 'x-ms-source-' = ''): Conditions {
  const text = (name: string) => headers[`${prefix}${name}`]?.toString()
  const ifMatch = text('if-match')
  const ifNoneMatch = text('if-none-match')
  const ifModifiedSince = text('if-modified-since')
  const ifUnmodifiedSince = text('if-unmodified-since')
  return {
    ...(ifMatch && { ifMatch }),
    ...(ifNoneMatch && { ifNoneMatch }),
    ...(ifModifiedSince && { ifModifiedSince: new Date(ifModifiedSince) }),
    ...(ifUnmodifiedSince && { ifUnmodifiedSince: new Date(ifUnmodifiedSince) }),
  }
}

function wholeNumber(query: URLSearchParams, name: string, fallback?: number): number {
  const text = query.get(name)
  if (text === null && fallback !== undefined) return fallback
  const value = text === null || text === '' ? NaN : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw dfsError('InvalidQueryParameterValue', `${name}: expected a whole number, got "${text ?? ''}"`)
}
