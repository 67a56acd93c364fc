// Tested in test/generator/sources.test.ts.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * The files that paths and patterns name, each once. In the last part of a path `*` stands for any characters; its
 * matches come in order of name. Throws, naming it, when one names no file.
 */
export async function expandFiles(patterns: readonly string[]): Promise<readonly string[]> {
  const files = await Promise.all(patterns.map(expand))
  return [...new Set(files.flat())]
}

async function expand(pattern: string): Promise<readonly string[]> {
  const [folder, last] = [dirname(pattern), basename(pattern)]
  if (folder.includes('*')) throw new Error(`${pattern}: expected * in the last part only; name the folder`)
  if (!last.includes('*')) {
    await found(pattern, stat(pattern))
    return [pattern]
  }
  const shape = new RegExp(`^${last.split('*').map(escape).join('.*')}$`)
  const entries = await found(folder, readdir(folder, { withFileTypes: true }))
  const names = entries.filter((entry) => !entry.isDirectory() && shape.test(entry.name)).map(({ name }) => name)
  if (names.length === 0)
    throw new Error(`${pattern}: expected files, got none among the ${entries.length} of ${folder}`)
  return names.sort().map((name) => join(folder, name))
}

/** Resolves as `asked` does; a file that is missing (ENOENT) becomes an error that says where it was looked for. */
async function found<T>(path: string, asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new Error(`${path}: no such file or folder, looked from ${process.cwd()}; check the spelling`, { cause })
  }
}

function escape(text: string): string {
  return text.replace(/[\\^$.+?()[\]{}|]/g, '\\$&')
}
