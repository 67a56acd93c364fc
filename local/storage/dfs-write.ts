// Tested in test/local/storage/gateway.test.ts.
import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type BlobGetPropertiesResponse, type BlockBlobClient } from '@azure/storage-blob'
import { type Conditions, type DfsPath } from './dfs-call'
import { dfsError } from './dfs-error'
import { blobAt, keyOf, type Emulator } from './emulator'

/** Which content of a file an answer speaks of. */
export interface Version {
  readonly etag?: string | undefined
  readonly lastModified?: Date | undefined
}

// Longer appends go to the emulator as they come in; shorter ones are held, to be written in one request.
const heldBytes = 4 * 1024 * 1024
const freshFiles = 10_000

/** Makes an empty file, or empties one that is there; `If-None-Match: *` makes it fail with PathAlreadyExists. */
export async function createFile(
  emulator: Emulator,
  { at, conditions }: { readonly at: DfsPath; readonly conditions: Conditions },
  headers: IncomingHttpHeaders,
): Promise<Version> {
  const key = keyOf(at)
  emulator.fresh.delete(key)
  const contentType = headers['x-ms-content-type']?.toString()
  const made = await blobAt(emulator, at).upload('', 0, {
    conditions,
    metadata: metadataOf(headers['x-ms-properties']?.toString() ?? ''),
    ...(contentType && { blobHTTPHeaders: { blobContentType: contentType } }),
  })
  // A file with properties keeps them only when filled by blocks: Put Blob would write it anew without.
  if (made.etag && !headers['x-ms-properties'] && !contentType) remember(emulator.fresh, key, made.etag)
  return made
}

/** Makes a folder: an empty blob whose name ends in a slash, which listings show as the folder. */
export function createFolder(
  emulator: Emulator,
  { at, conditions }: { readonly at: DfsPath; readonly conditions: Conditions },
): Promise<Version> {
  return blobAt(emulator, { ...at, path: `${at.path}/` }).upload('', 0, { conditions })
}

/**
 * Takes bytes for `position` of a file. They are kept by the emulator as an uncommitted block named after the
 * position, so a repeated append replaces itself and a restart of the gateway loses none. With `then: 'flush'` they
 * are committed as well; into a file just made that is a single write.
 */
export async function append(
  emulator: Emulator,
  { at, position, then }: { readonly at: DfsPath; readonly position: number; readonly then: 'flush' | 'keep' },
  request: IncomingMessage,
): Promise<Version> {
  const sizeBytes = Number(request.headers['content-length'])
  if (!(sizeBytes > 0)) throw dfsError('InvalidInput', 'An append needs a Content-Length above 0.')
  const etag = emulator.fresh.get(keyOf(at))
  emulator.fresh.delete(keyOf(at))
  const blob = blobAt(emulator, at)
  if (etag && position === 0 && then === 'flush' && sizeBytes <= heldBytes) {
    return blob.upload(await buffer(request), sizeBytes, { conditions: { ifMatch: etag } })
  }
  const file = await blob.getProperties()
  await blob.stageBlock(blockIdAt(position), request, sizeBytes)
  return then === 'flush' ? commit(blob, file, position + sizeBytes) : {}
}

/**
 * Makes appended bytes part of the file up to `position`, which must be where contiguous appended bytes end
 * (InvalidFlushPosition otherwise); bytes appended beyond it are dropped.
 */
export async function flush(
  emulator: Emulator,
  { at, position, conditions }: { readonly at: DfsPath; readonly position: number; readonly conditions: Conditions },
): Promise<Version> {
  emulator.fresh.delete(keyOf(at))
  const blob = blobAt(emulator, at)
  return commit(blob, await blob.getProperties({ conditions }), position)
}

async function commit(blob: BlockBlobClient, file: BlobGetPropertiesResponse, position: number): Promise<Version> {
  const length = file.contentLength ?? 0
  if (position === length) return file
  const { committedBlocks = [], uncommittedBlocks = [] } = await blob.getBlockList('all')
  const kept = committedBlocks.map(({ name }) => name)
  if (length > 0 && kept.length === 0) kept.push(await asBlock(blob, length))
  const added = contiguous(uncommittedBlocks, length, position)
  return blob.commitBlockList([...kept, ...added], {
    conditions: { ...(file.etag && { ifMatch: file.etag }) },
    ...(file.metadata && { metadata: file.metadata }),
    ...(file.contentType && { blobHTTPHeaders: { blobContentType: file.contentType } }),
  })
}

/** Content written by Put Blob has no blocks to commit again, so it becomes one. */
async function asBlock(blob: BlockBlobClient, sizeBytes: number): Promise<string> {
  const { readableStreamBody } = await blob.download()
  if (!readableStreamBody) throw dfsError('InternalError', `no content in ${blob.name}`)
  const id = blockIdAt(0)
  await blob.stageBlock(id, readableStreamBody, sizeBytes)
  return id
}

interface Block {
  readonly name: string
  readonly size: number
}

function contiguous(blocks: readonly Block[], from: number, to: number): string[] {
  const sizes = new Map(blocks.map(({ name, size }) => [name, size]))
  const ids: string[] = []
  let end = from
  while (end < to) {
    const id = blockIdAt(end)
    const size = sizes.get(id)
    if (size === undefined) break
    ids.push(id)
    end += size
  }
  if (end !== to) throw dfsError('InvalidFlushPosition', `Expected ${end}, got ${to}.`)
  return ids
}

/** Block ids of one blob must be equally long. */
function blockIdAt(position: number): string {
  return Buffer.from(String(position).padStart(16, '0')).toString('base64')
}

function remember(fresh: Map<string, string>, key: string, etag: string): void {
  const oldest = fresh.keys().next().value
  if (fresh.size >= freshFiles && oldest !== undefined) fresh.delete(oldest)
  fresh.set(key, etag)
}

/** `x-ms-properties` is `name=base64,name=base64`. */
function metadataOf(properties: string): Record<string, string> {
  const pairs = properties.split(',').filter((pair) => pair.includes('='))
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      return [pair.slice(0, equals).trim(), Buffer.from(pair.slice(equals + 1), 'base64').toString()]
    }),
  )
}
