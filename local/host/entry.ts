import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'

/**
 * The files of a function app, sorted: `entry` is either the app's folder, whose package.json says in `main` which
 * files those are (`dist/functions/*.js`, `dist/{index.js,functions/*.js}`), or such a pattern itself. `*` stays
 * within one folder, `**` crosses folders, `{a,b}` is either. Throws when nothing matches: the app is not built.
 */
export async function findEntryFiles(entry: string): Promise<readonly string[]> {
  const { root, pattern } = await locate(resolve(entry))
  const candidates = expandBraces(pattern).map((plain) => ({ base: literalBase(plain), match: globExpression(plain) }))
  const files = new Set<string>()
  for (const { base, match } of candidates) {
    for (const file of await filesBelow(join(root, base))) {
      if (match.test(relative(root, file).split(sep).join('/'))) files.add(file)
    }
  }
  if (files.size === 0) throw new Error(`function app ${root}: no file matches "${pattern}"; build it first`)
  return [...files].sort()
}

async function locate(path: string): Promise<{ root: string; pattern: string }> {
  if (!(await stat(path).catch(absent))?.isDirectory()) return { root: '/', pattern: path.slice(1) }
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as { main?: unknown }
  if (typeof manifest.main !== 'string') {
    throw new Error(`function app ${path}: package.json expected "main" to name the compiled functions, got nothing`)
  }
  return { root: path, pattern: manifest.main.replace(/^\.\//, '') }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}

/** `a/{b,c}.js` → `a/b.js`, `a/c.js`; braces do not nest. */
function expandBraces(pattern: string): readonly string[] {
  const match = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern)
  if (!match) return [pattern]
  const [, head = '', options = '', tail = ''] = match
  return options.split(',').flatMap((option) => expandBraces(`${head}${option}${tail}`))
}

/** The folders before the first wildcard, so that no more of the disk is listed than needed. */
function literalBase(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => part.includes('*'))
  return parts.slice(0, wild < 0 ? -1 : wild).join('/')
}

function globExpression(pattern: string): RegExp {
  const source = pattern
    .split('/')
    .map((part, at, parts) => {
      const last = at === parts.length - 1
      if (part === '**') return last ? '.*' : '(?:[^/]+/)*'
      return part.replace(/[.+^${}()|[\]\\?]/g, '\\$&').replaceAll('*', '[^/]*') + (last ? '' : '/')
    })
    .join('')
  return new RegExp(`^${source}$`)
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(absent)
  return (entries ?? []).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
