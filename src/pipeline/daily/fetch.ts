// Tested in test/pipeline/daily/run.test.ts.
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { atOnce } from '../../lake/at-once'
import { dataPath } from '../../lake/scan'
import { type AddFile } from '../../lake/log/action'
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
  const groups = groupsOf(files)
  const fetch = (index: number) => {
    const group = groups[index]
    return group && fetchGroup(table, group, { folder, name: `${index}` })
  }
  let coming = fetch(0)
  for (let index = 0; coming; index++) {
    const fetched = await coming
    coming = fetch(index + 1)
    // Heard when its turn comes; until then a failure must not count as unhandled.
    coming?.catch(() => undefined)
    try {
      await take(fetched)
      for (const { path } of fetched) await rm(path)
    } catch (error) {
      // It writes into the folder, which may go once this has ended.
      await coming?.catch(() => undefined)
      throw error
    }
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
  const fetched: Fetched[] = []
  await atOnce(filesAtOnce, group.entries(), async ([index, file]) => {
    const path = join(folder, `${name}-${index}.parquet`)
    await fetchFile(table, file, path)
    fetched.push({ file, path })
  })
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
