import {
  DataLakeServiceClient,
  RestError,
  type DataLakeFileClient,
  type Path,
  type StoragePipelineOptions,
} from '@azure/storage-file-datalake'
import { type Store, type StoredFile } from '../lake/store'
import { type LakeCredential } from './credential'

/** An account and who asks: `https://account.dfs.core.windows.net`, or the emulator's `http://host:port/account`. */
export interface LakeAccount {
  readonly url: string
  readonly credential: LakeCredential
}

/** How the store talks to its account. */
export interface LakeOptions {
  /** Longest one verb may take, retries included; after it the verb throws. */
  readonly timeoutMs?: number
  /** Paths asked for in one listing request; the service caps it at 5,000. */
  readonly pageSize?: number
}

// Longer waits would outlive the batch that asked; the Functions trigger retries the batch.
const retried: StoragePipelineOptions = { retryOptions: { maxTries: 4, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 } }

// A rename whose answer was lost has taken its own source away: asked again, the service would say 'not there' or
// 'exists' about our own work. Only the caller can tell, by reading what it renamed.
const once: StoragePipelineOptions = { retryOptions: { maxTries: 1 } }

const chunkBytes = 4 * 1024 * 1024
const chunksInFlight = 4

/**
 * The lake's `Store` on ADLS Gen2, a path's first segment being its container (file system). Requests that may be
 * repeated are retried on network faults and on 500 and 503; a rename is sent once, so when it throws anything but
 * 'source missing' it may or may not have happened. Errors name the verb and the path and keep the service's answer
 * as `cause`.
 *
 * @example
 * import { azureCredential } from './credential'
 * const url = 'https://shops.dfs.core.windows.net'
 * const store = openLakeStore({ url, credential: await azureCredential({ url }) })
 * await store.put('bronze/events/part-0.parquet', bytes)
 */
export function openLakeStore(account: LakeAccount, { timeoutMs = 60_000, pageSize = 5_000 }: LakeOptions = {}): Store {
  const service = new DataLakeServiceClient(account.url, account.credential, retried)
  const renames = new DataLakeServiceClient(account.url, account.credential, once)
  const signal = () => AbortSignal.timeout(timeoutMs)
  return {
    read: (path, range) => explained('read', path, () => read(fileOf(service, path), range, signal())),
    list: (prefix, { after = '' } = {}) =>
      explained('list', prefix, () => list(service, split(prefix), { after, pageSize, abortSignal: signal() })),
    put: (path, bytes) => explained('put', path, () => put(fileOf(service, path), bytes, signal())),
    rename: (from, to) => explained(`rename to ${to} of`, from, () => rename(renames, from, to, signal())),
    remove: (path) => explained('remove', path, () => remove(fileOf(service, path), signal())),
  }
}

/**
 * Makes the containers named unless they are there. For the emulator: in Azure the stack makes them, with the
 * access rules an application has no business setting.
 */
export async function createContainers({ url, credential }: LakeAccount, names: readonly string[]): Promise<void> {
  const service = new DataLakeServiceClient(url, credential, retried)
  await Promise.all(
    names.map((name) =>
      explained('create container', name, () => service.getFileSystemClient(name).createIfNotExists()),
    ),
  )
}

interface LakePath {
  readonly container: string
  readonly path: string
}

function split(full: string): LakePath {
  const [container = '', ...names] = full.replace(/\/$/, '').split('/')
  if (container === '') throw new Error(`expected container/folder/.../name, got "${full}"`)
  return { container, path: names.join('/') }
}

function fileOf(service: DataLakeServiceClient, full: string): DataLakeFileClient {
  const { container, path } = split(full)
  if (path === '') throw new Error(`expected container/folder/.../name, got "${full}"`)
  return service.getFileSystemClient(container).getFileClient(path)
}

async function read(
  file: DataLakeFileClient,
  range: { readonly start: number; readonly end: number } | undefined,
  abortSignal: AbortSignal,
): Promise<Uint8Array | undefined> {
  // A range of no bytes cannot be asked for, yet must tell a missing file from an empty answer.
  const count = range && Math.max(range.end - range.start, 1)
  try {
    const { readableStreamBody } = await file.read(range?.start ?? 0, count, { abortSignal })
    const chunks: Buffer[] = []
    for await (const chunk of readableStreamBody ?? []) chunks.push(chunk as Buffer)
    const bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    return range ? bytes.subarray(0, range.end - range.start) : bytes
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    if (range && statusOf(error) === 416) return new Uint8Array(0)
    throw error
  }
}

async function list(
  service: DataLakeServiceClient,
  { container, path }: LakePath,
  { after, pageSize, abortSignal }: { after: string; pageSize: number; abortSignal: AbortSignal },
): Promise<readonly StoredFile[]> {
  const files: StoredFile[] = []
  const options = { recursive: true, abortSignal, ...(path === '' ? {} : { path }) }
  try {
    for await (const page of service
      .getFileSystemClient(container)
      .listPaths(options)
      .byPage({ maxPageSize: pageSize })) {
      for (const item of page.pathItems ?? []) if (!item.isDirectory) files.push(storedFile(container, item))
    }
  } catch (error) {
    if (statusOf(error) === 404) return []
    throw error
  }
  // The service walks directories as a tree, where `a/b` comes before `a-b`; the port orders by the whole path.
  return files.filter((file) => file.path > after).sort((a, b) => (a.path < b.path ? -1 : 1))
}

function storedFile(container: string, { name, contentLength, lastModified }: Path): StoredFile {
  if (name === undefined || lastModified === undefined) {
    throw new Error(`listing of ${container}: expected a name and a time, got "${name ?? ''}"`)
  }
  return { path: `${container}/${name}`, sizeBytes: contentLength ?? 0, modifiedMs: lastModified.getTime() }
}

/** Two requests for a file of one chunk: create, then append that also flushes. An empty file needs no append. */
async function put(file: DataLakeFileClient, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
  await file.create({ abortSignal })
  const size = bytes.byteLength
  if (size === 0) return
  const append = (start: number, flush: boolean) => {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(chunkBytes, size - start))
    return file.append(chunk, start, chunk.byteLength, { abortSignal, flush })
  }
  if (size <= chunkBytes) {
    await append(0, true).catch((error: unknown) => expectWritten(file, size, error))
    return
  }
  const stride = chunkBytes * chunksInFlight
  for (let from = 0; from < size; from += stride) {
    const starts = Array.from({ length: chunksInFlight }, (_, i) => from + i * chunkBytes).filter((at) => at < size)
    await Promise.all(starts.map((start) => append(start, false)))
  }
  await file.flush(size, { abortSignal })
}

/**
 * Tells a lost answer from a failure. An append that is retried because its first answer was lost is refused with 400: the
 * file has grown by then. Its name is unique and it was just made empty, so the full length means that the first try did it.
 */
async function expectWritten(file: DataLakeFileClient, size: number, refusal: unknown): Promise<void> {
  if (statusOf(refusal) !== 400) throw refusal
  const { contentLength } = await file.getProperties()
  if (contentLength !== size) throw refusal
}

async function rename(
  service: DataLakeServiceClient,
  from: string,
  to: string,
  abortSignal: AbortSignal,
): Promise<'moved' | 'exists'> {
  const target = split(to)
  // `move` puts the name into a URL as it is: escaped here, or a `%` or `?` in it would change the target.
  const name = target.path.split('/').map(encodeURIComponent).join('/')
  const move = () =>
    fileOf(service, from).move(target.container, name, {
      abortSignal,
      destinationConditions: { ifNoneMatch: '*' },
    })
  try {
    await move().catch(async (error: unknown) => {
      // A hierarchical namespace has real folders, and a rename does not make them.
      if (codeOf(error) !== 'RenameDestinationParentPathNotFound') throw error
      const folder = target.path.slice(0, target.path.lastIndexOf('/'))
      await service.getFileSystemClient(target.container).getDirectoryClient(folder).createIfNotExists({ abortSignal })
      return move()
    })
    return 'moved'
  } catch (error) {
    if (isTaken(error)) return 'exists'
    throw error
  }
}

async function remove(file: DataLakeFileClient, abortSignal: AbortSignal): Promise<void> {
  try {
    await file.delete(false, { abortSignal })
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
}

/** The service's two ways to say that the target of a put-if-absent is there. */
function isTaken(error: unknown): boolean {
  const status = statusOf(error)
  const code = codeOf(error)
  return (status === 409 && code === 'PathAlreadyExists') || (status === 412 && code === 'ConditionNotMet')
}

function statusOf(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined
}

function codeOf(error: unknown): string | undefined {
  return error instanceof RestError ? error.code : undefined
}

async function explained<T>(verb: string, path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw new Error(`lake store: ${verb} ${path}: ${reason(error, path)}`, { cause: error })
  }
}

const missingContainer = ['FilesystemNotFound', 'ContainerNotFound']

function reason(error: unknown, path: string): string {
  const status = statusOf(error)
  const code = codeOf(error) ?? ''
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  if (missingContainer.includes(code)) {
    return `no container "${path.split('/')[0] ?? ''}"; deploy the stack, or call createContainers locally`
  }
  if (code === 'SourcePathNotFound') return 'no such file'
  return status === undefined ? message : `${status} ${code}: ${message}`
}
