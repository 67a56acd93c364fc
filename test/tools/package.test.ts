import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import manifest from '../../package.json'

/*
 * The function package holds `dependencies` only, so whatever the functions reach must be among them; and they stay few,
 * because every one of them is loaded, or at least shipped, at each cold start.
 */

const root = join(__dirname, '../..')
const entries = [
  'ingest',
  'pulse',
  'daily-batch',
  'upkeep',
  'health',
  'export',
  'live',
  'page',
  'rejection',
  'shutdown',
].map((name) => `functions/${name}.ts`)

function specifiers(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)(?:import|export)\s(?!type\s)[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
  )
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

/** Packages that files reach through each other, by import or `import()`. */
function reached(files: readonly string[]): Set<string> {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const specifier of specifiers(file)) {
      if (specifier.startsWith('.')) visit(`${join(dirname(file), specifier)}.ts`)
      else
        packages.add(
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
    }
  }
  files.forEach(visit)
  return packages
}

test('the functions reach no package that is not shipped with them, and every shipped one is used', () => {
  const used = [...reached(entries)].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
  // Types alone; what is there at run time comes with @azure/identity.
  const typesOnly = ['@azure/core-auth', 'json-schema-to-ts']
  expect(used.filter((name) => !typesOnly.includes(name)).sort()).toEqual(Object.keys(manifest.dependencies).sort())
})

test('runtime dependencies are the ones agreed on', () => {
  expect(Object.keys(manifest.dependencies)).toEqual([
    '@azure/event-hubs',
    '@azure/functions',
    '@azure/identity',
    '@azure/storage-file-datalake',
    '@duckdb/node-api',
    'ajv',
    'applicationinsights',
    'csv-stringify',
    'hyparquet',
    'hyparquet-compressors',
    'parquetjs-lite',
    'pg',
  ])
})

test('every version is exact, so that two installs are the same', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})
