// Tested by `npm run package`, which CI runs.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { zipSync, type Zippable } from 'fflate'

/** No clock in the package: the same files give the same bytes. */
const mtime = new Date(2020, 0, 1)

/** Zips a folder's files, in order of their names; returns the zip's size and what it unpacks to. */
export async function zip(
  folder: string,
  file: string,
): Promise<{ readonly sizeBytes: number; readonly unpackedBytes: number; readonly files: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const content: Zippable = {}
  let unpackedBytes = 0
  for (const path of paths.sort()) {
    const bytes = await readFile(path)
    unpackedBytes += bytes.length
    content[relative(folder, path).split(sep).join('/')] = bytes
  }
  const zipped = zipSync(content, { level: 9, mtime })
  await writeFile(file, zipped)
  return { sizeBytes: zipped.length, unpackedBytes, files: paths.length }
}
