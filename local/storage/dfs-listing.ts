// Tested in test/local/storage/gateway-listing.test.ts.
import { type ContainerClient } from '@azure/storage-blob'
import { dfsError } from './dfs-error'

/** One entry of a path listing, in the service's own form: numbers and booleans as text, ETags without quotes. */
export interface ListedPath {
  readonly name: string
  readonly isDirectory?: 'true'
  readonly contentLength?: string
  readonly lastModified?: string
  readonly etag?: string
  readonly owner: '$superuser'
  readonly group: '$superuser'
  readonly permissions: string
}

/** A page of a listing; `continuation` is there when more follows. */
export interface ListedPage {
  readonly paths: readonly ListedPath[]
  readonly continuation?: string
}

/** What to list and how much of it. */
export interface ListingQuery {
  readonly folder: string
  readonly depth: 'all' | 'one'
  readonly continuation: string
  readonly maxResults: number
}

type Entry = { readonly kind: 'folder'; readonly name: string } | (FileEntry & { readonly kind: 'file' })

interface FileEntry {
  readonly name: string
  readonly properties: { readonly contentLength?: number; readonly lastModified: Date; readonly etag: string }
}

/**
 * One page of the paths below a folder, in the order of their names. Folders come out as entries of their own, as
 * in a hierarchical namespace; the emulator knows none, so they are read off the names below them (a folder made
 * explicitly is kept as an empty blob whose name ends in a slash). 404 when nothing at all is below `folder`.
 */
export async function listPaths(container: ContainerClient, query: ListingQuery): Promise<ListedPage> {
  const prefix = query.folder === '' ? '' : `${query.folder}/`
  const last = query.continuation === '' ? '' : Buffer.from(query.continuation, 'base64url').toString()
  const page = await (query.depth === 'all' ? readTree : readLevel)(container, { prefix, last, max: query.maxResults })
  if (page.isEmpty && last === '' && prefix !== '') throw dfsError('PathNotFound')
  const kept = page.entries.slice(0, query.maxResults)
  const hasMore = kept.length < page.entries.length || page.hasMore
  const end = kept.at(-1)
  const paths = kept.map(listed)
  if (!hasMore || !end) return { paths }
  return { paths, continuation: Buffer.from(place(end)).toString('base64url') }
}

/** Where an entry stands in the order of names: a folder where the names below it are. */
function place({ kind, name }: Entry): string {
  return kind === 'folder' ? `${name}/` : name
}

interface Slice {
  readonly prefix: string
  /** DfsPath of the last entry given out before. */
  readonly last: string
  readonly max: number
}

interface Read {
  readonly entries: readonly Entry[]
  readonly isEmpty: boolean
  readonly hasMore: boolean
}

async function readTree(container: ContainerClient, { prefix, last, max }: Slice): Promise<Read> {
  const pages = container.listBlobsFlat({ prefix }).byPage(pageAfter(last, max))
  const entries: Entry[] = []
  let previous = last
  for await (const { segment, continuationToken } of pages) {
    for (const blob of segment.blobItems) {
      entries.push(...foldersEntered(prefix, previous, blob.name))
      if (!blob.name.endsWith('/')) entries.push({ kind: 'file', ...blob })
      previous = blob.name
    }
    if (entries.length > 0) return { entries, isEmpty: false, hasMore: Boolean(continuationToken) }
  }
  return { entries, isEmpty: previous === last, hasMore: false }
}

// Azurite's marker is the name after which to go on, so any name may serve as one; an empty one ends the listing.
function pageAfter(marker: string, maxPageSize: number): { maxPageSize: number; continuationToken?: string } {
  return marker === '' ? { maxPageSize } : { maxPageSize, continuationToken: marker }
}

/** Folders below `prefix` that `name` lies in and `previous`, which sorts before it, does not. */
function foldersEntered(prefix: string, previous: string, name: string): Entry[] {
  const entered: Entry[] = []
  for (let slash = name.indexOf('/', prefix.length); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    if (!previous.startsWith(name.slice(0, slash + 1))) entered.push({ kind: 'folder', name: name.slice(0, slash) })
  }
  return entered
}

async function readLevel(container: ContainerClient, { prefix, last, max }: Slice): Promise<Read> {
  // The greatest name (that XML can carry) in a folder already listed: going on after it leaves the folder behind.
  const marker = last.endsWith('/') ? `${last}\ufffd` : last
  const pages = container.listBlobsByHierarchy('/', { prefix }).byPage(pageAfter(marker, max))
  let isEmpty = true
  for await (const { segment, continuationToken } of pages) {
    const folders = (segment.blobPrefixes ?? []).map(({ name }): Entry => ({ kind: 'folder', name: name.slice(0, -1) }))
    const files = segment.blobItems.map((blob): Entry => ({ kind: 'file', ...blob }))
    const entries = [...folders, ...files.filter(({ name }) => name !== prefix)]
    entries.sort((a, b) => (place(a) < place(b) ? -1 : 1))
    isEmpty &&= files.length === 0
    if (entries.length > 0) return { entries, isEmpty: false, hasMore: Boolean(continuationToken) }
  }
  return { entries: [], isEmpty, hasMore: false }
}

const owned = { owner: '$superuser', group: '$superuser' } as const

function listed(entry: Entry): ListedPath {
  switch (entry.kind) {
    case 'folder':
      return { name: entry.name, isDirectory: 'true', contentLength: '0', permissions: 'rwxr-x---', ...owned }
    case 'file':
      return {
        name: entry.name,
        contentLength: String(entry.properties.contentLength ?? 0),
        lastModified: entry.properties.lastModified.toUTCString(),
        etag: entry.properties.etag.replaceAll('"', ''),
        permissions: 'rw-r-----',
        ...owned,
      }
    default: {
      const never: never = entry
      return never
    }
  }
}
