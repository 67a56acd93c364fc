import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { dataPath } from '../../lake/data-file'
import { type AddFile } from '../../lake/log'
import { type Table } from '../../lake/table'

/** A data file of a table, and its copy on this machine's disk. */
export interface Fetched {
  readonly file: AddFile
  readonly path: string
}

const filesAtOnce = 4
/** A file comes in pieces, so that large ones do not have to fit into memory. */
const pieceBytes = 4 << 20
/** What is on disk at a time: at least one file, and no more than this unless one is larger. */
const groupBytes = 32 << 20
const groupFiles = 64

/**
 * Copies data files to `folder` a few at a time and hands each group of copies to `take`, one group after the other; the
 * copies are gone when it is done with them. The group after it is on its way meanwhile. Throws, naming the file, when
 * one is not there.
 */
export async function fetchFiles(
  table: Pick<Table, 'store' | 'root'>,
  { files, folder }: { readonly files: readonly AddFile[]; readonly folder: string },
  take: (group: readonly Fetched[]) => Promise<void>,
): Promise<void> {
  let coming: Promise<readonly Fetched[]> | undefined
  const groups = groupsOf(files)
  for (const [index, group] of groups.entries()) {
    const fetched = await (coming ?? fetchGroup(table, group, { folder, name: `${index}` }))
    const next = groups[index + 1]
    coming = next && fetchGroup(table, next, { folder, name: `${index + 1}` })
    // Heard at the next turn, which does not come when `take` throws.
    coming?.catch(() => undefined)
    try {
      await take(fetched)
    } catch (error) {
      await coming?.catch(() => undefined)
      throw error
    }
    for (const { path } of fetched) await rm(path)
  }
}

function groupsOf(files: readonly AddFile[]): readonly (readonly AddFile[])[] {
  const groups: AddFile[][] = []
  let bytes = Infinity
  for (const file of files) {
    const last = groups.at(-1)
    if (last && bytes + file.sizeBytes <= groupBytes && last.length < groupFiles) last.push(file)
    else {
      groups.push([file])
      bytes = 0
    }
    bytes += file.sizeBytes
  }
  return groups
}

async function fetchGroup(
  table: Pick<Table, 'store' | 'root'>,
  group: readonly AddFile[],
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<readonly Fetched[]> {
  const queue = group.entries()
  const fetched: Fetched[] = []
  const fetchNext = async () => {
    for (const [index, file] of queue) {
      const path = join(folder, `${name}-${index}.parquet`)
      await fetchFile(table, file, path)
      fetched.push({ file, path })
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, fetchNext))
  return fetched
}

async function fetchFile({ store, root }: Pick<Table, 'store' | 'root'>, file: AddFile, path: string): Promise<void> {
  const copy = await open(path, 'w')
  try {
    for (let start = 0; start < file.sizeBytes; start += pieceBytes) {
      const bytes = await store.read(dataPath(root, file), { start, end: Math.min(start + pieceBytes, file.sizeBytes) })
      if (!bytes) throw new Error(`${root}/${file.path}: named by the log but not there; run it again`)
      await copy.write(bytes)
    }
  } finally {
    await copy.close()
  }
}
