// Tested in test/local/storage/gateway.test.ts.
import { type Conditions, type DfsPath } from './dfs-call'
import { blobCodeOf, dfsError, type DfsCode } from './dfs-error'
import { blobAt, folderOf, folderState, keyOf, type Emulator } from './emulator'
import { type Version } from './dfs-write'

/** What a HEAD tells of a path. */
export interface PathStatus extends Version {
  readonly resource: 'file' | 'directory'
  readonly sizeBytes: number
}

interface Move {
  readonly from: DfsPath
  readonly to: DfsPath
  readonly conditions: Conditions
  readonly sourceConditions: Conditions
}

/**
 * Renames a file: a copy inside the emulator under the caller's conditions, then removal of the source. The emulator
 * checks and copies in one step, so of any number of callers, through any number of gateways, one is accepted under
 * `If-None-Match: *`. A crash between copy and removal leaves the source behind. Folders are refused.
 */
export function rename(emulator: Emulator, move: Move): Promise<Version> {
  const { from, to } = move
  return emulator.inTurn([keyOf(from), keyOf(to)], async () => {
    emulator.fresh.delete(keyOf(from))
    emulator.fresh.delete(keyOf(to))
    await expectFolder(emulator, move)
    if (keyOf(from) === keyOf(to)) return renameToItself(emulator, move)
    const copied = await copy(emulator, move)
    await blobAt(emulator, from).deleteIfExists()
    return copied
  })
}

async function copy(emulator: Emulator, { from, to, conditions, sourceConditions }: Move): Promise<Version> {
  try {
    return await blobAt(emulator, to).syncCopyFromURL(blobAt(emulator, from).url, { conditions, sourceConditions })
  } catch (error) {
    const code = blobCodeOf(error)
    if (code === 'ConditionNotMet') throw dfsError(unmet(conditions), '', error)
    if (code !== 'BlobNotFound') throw error
    const source = emulator.service.getContainerClient(from.container)
    if ((await folderState(source, from.path)) === 'missing') throw dfsError('SourcePathNotFound', '', error)
    throw dfsError('NotImplemented', 'Renaming a directory.', error)
  }
}

// The emulator does not say whose condition failed; without one on the target it was the source's.
function unmet(conditions: Conditions): DfsCode {
  if (conditions.ifNoneMatch === '*') return 'PathAlreadyExists'
  return Object.keys(conditions).length === 0 ? 'SourceConditionNotMet' : 'ConditionNotMet'
}

/** The service makes folders when it creates a file in them, and never for a rename. */
async function expectFolder(emulator: Emulator, { from, to }: Move): Promise<void> {
  const folder = folderOf(to.path)
  // The source proves its own folder.
  if (from.container === to.container && folderOf(from.path) === folder) return
  const state = await folderState(emulator.service.getContainerClient(to.container), folder)
  if (state === 'missing') throw dfsError('RenameDestinationParentPathNotFound')
}

async function renameToItself(emulator: Emulator, { to, conditions }: Move): Promise<Version> {
  if (conditions.ifNoneMatch === '*') throw dfsError('PathAlreadyExists')
  return blobAt(emulator, to).getProperties({ conditions })
}

/** Whether a path is a file, with its version, or a folder; PathNotFound when it is neither. */
export async function statusOf(
  emulator: Emulator,
  { at, conditions }: { readonly at: DfsPath; readonly conditions: Conditions },
): Promise<PathStatus> {
  try {
    const file = await blobAt(emulator, at).getProperties({ conditions })
    return { ...file, resource: 'file', sizeBytes: file.contentLength ?? 0 }
  } catch (error) {
    if (blobCodeOf(error) !== 'BlobNotFound') throw error
    const state = await folderState(emulator.service.getContainerClient(at.container), at.path)
    if (state === 'missing') throw dfsError('PathNotFound', '', error)
    return { resource: 'directory', sizeBytes: 0 }
  }
}

/** Removes a file, or a folder: an empty one, or with reach 'recursive' one with all that is below it. */
export function remove(
  emulator: Emulator,
  call: { readonly at: DfsPath; readonly reach: 'recursive' | 'single'; readonly conditions: Conditions },
): Promise<void> {
  const { at, reach, conditions } = call
  return emulator.inTurn([keyOf(at)], async () => {
    emulator.fresh.delete(keyOf(at))
    try {
      await blobAt(emulator, at).delete({ conditions })
    } catch (error) {
      if (blobCodeOf(error) !== 'BlobNotFound') throw error
      await removeFolder(emulator, at, reach)
    }
  })
}

async function removeFolder(
  emulator: Emulator,
  { container, path }: DfsPath,
  reach: 'recursive' | 'single',
): Promise<void> {
  const client = emulator.service.getContainerClient(container)
  const state = await folderState(client, path)
  if (state === 'missing') throw dfsError('PathNotFound')
  if (state === 'filled' && reach === 'single') throw dfsError('DirectoryNotEmpty')
  for await (const { name } of client.listBlobsFlat({ prefix: `${path}/` })) {
    await client.getBlockBlobClient(name).deleteIfExists()
  }
}
