import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * The files that paths and patterns name, each once. In the last part of a path `*` stands for any characters; its
 * matches come in order of name. Throws when one names no file.
 */
export async function expandFiles(patterns: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(patterns.map(expand))
  return [...new Set(files.flat())]
}

async function expand(pattern: string): Promise<readonly string[]> {
  const [folder, last] = [dirname(pattern), basename(pattern)]
  if (folder.includes('*')) throw new Error(`${pattern}: expected * in the last part only; name the folder`)
  if (!last.includes('*')) {
    await stat(pattern)
    return [pattern]
  }
  const shape = new RegExp(`^${last.split('*').map(escape).join('.*')}$`)
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => !entry.isDirectory() && shape.test(entry.name)).map(({ name }) => name)
  if (names.length === 0)
    throw new Error(`${pattern}: expected files, got none among the ${entries.length} of ${folder}`)
  return names.sort().map((name) => join(folder, name))
}

function escape(text: string): string {
  return text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&')
}
