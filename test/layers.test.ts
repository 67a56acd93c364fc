import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

/** What all rooms of the pipeline stand on. */
const pipelineGround = ['src/pipeline/ports', 'src/pipeline/position', 'src/pipeline/rows']

/**
 * Which way imports point: docs/design.md section "Folders", held as data. A folder may import itself,
 * the folders listed, and the packages listed; `node:` modules are listed as 'node', or one by one. '*' allows anything.
 */
const layers: Record<string, { folders: readonly string[]; packages: readonly string[] }> = {
  'src/day': { folders: [], packages: [] },
  'src/reason': { folders: [], packages: [] },
  'src/business': { folders: [], packages: [] },
  'src/event': { folders: [], packages: ['ajv', 'json-schema-to-ts', 'node:zlib'] },
  'src/fold': { folders: ['src/event'], packages: ['node:crypto'] },
  'src/lake': {
    folders: [],
    packages: ['node', 'parquetjs-lite', 'hyparquet', 'hyparquet-compressors', '@duckdb/node-api'],
  },
  'src/warehouse': { folders: ['src/business'], packages: ['node', 'pg', 'node-pg-migrate', 'csv-stringify'] },
  'src/report': { folders: ['src/business', 'src/warehouse'], packages: [] },
  'src/live': {
    folders: ['src/business', 'src/warehouse', 'src/report'],
    packages: ['node:crypto', 'node:fs', 'node:fs/promises', 'node:path'],
  },
  'src/config': { folders: ['src/business'], packages: [] },
  'src/observe': { folders: [], packages: ['applicationinsights'] },
  'src/azure': {
    folders: ['src/lake/store', 'src/event'],
    packages: ['node', '@azure/event-hubs', '@azure/storage-file-datalake', '@azure/identity', '@azure/core-auth'],
  },
  'src/pipeline': {
    folders: ['src/business', 'src/event', 'src/fold', 'src/lake', 'src/warehouse', 'src/observe'],
    packages: ['node', '@duckdb/node-api'],
  },
  // Its rooms, each of which may do less than the whole.
  'src/pipeline/position': { folders: ['src/lake'], packages: [] },
  'src/pipeline/ports': { folders: ['src/event', 'src/fold', 'src/lake', 'src/warehouse'], packages: [] },
  'src/pipeline/rows': { folders: ['src/event', 'src/fold', 'src/lake', 'src/warehouse'], packages: [] },
  'src/pipeline/upkeep': { folders: ['src/lake', ...pipelineGround], packages: [] },
  'src/pipeline/stream': {
    folders: ['src/business', 'src/event', 'src/fold', 'src/lake', 'src/warehouse', 'src/observe', ...pipelineGround],
    packages: ['node:zlib'],
  },
  'src/pipeline/rebuild': {
    folders: ['src/fold', 'src/lake', 'src/warehouse', ...pipelineGround, 'src/pipeline/stream'],
    packages: ['node:timers/promises'],
  },
  'src/pipeline/resubmit': { folders: ['src/event', 'src/lake', ...pipelineGround], packages: ['node:crypto'] },
  // Shares nothing with the stream: that both come to the same rows is a check on either (G6).
  'src/pipeline/daily': {
    folders: ['src/business', 'src/lake', 'src/warehouse', 'src/observe', ...pipelineGround],
    packages: ['node', '@duckdb/node-api'],
  },
  'src/app': { folders: ['src'], packages: ['node'] },
  functions: { folders: ['src'], packages: ['@azure/functions'] },
  // Runs in a browser: of the server it knows the types of the answers.
  dashboard: { folders: ['src/live/schema'], packages: ['uplot', 'd3-scale', 'd3-shape'] },
  infra: {
    folders: ['src/config', 'src/observe', 'src/app', 'src/azure', 'src/event', 'src/warehouse'],
    packages: ['*'],
  },
  generator: { folders: ['src/event', 'src/azure', 'src/config'], packages: ['*'] },
  // Stand-ins for services that others wrote: they know no more of ours than those services do.
  'local/hub': { folders: [], packages: ['*'] },
  'local/host': { folders: [], packages: ['*'] },
  local: { folders: ['src', 'generator'], packages: ['*'] },
  tools: { folders: ['src', 'generator', 'local'], packages: ['*'] },
  sim: { folders: ['src', 'generator', 'local', 'tools'], packages: ['*'] },
  // Is to move into the fold, and so may do no more than the fold.
  'sim/eval/watch': { folders: ['src/fold/heap'], packages: [] },
  bench: { folders: ['src', 'generator', 'local', 'tools', 'sim'], packages: ['*'] },
  test: { folders: ['*'], packages: ['*'] },
}

/** The front door of the lake: what the rest of the house imports from it. Everything else in there is its own affair. */
const lakeDoors = [
  'at-once',
  'duckdb',
  'log/action',
  'log/read-snapshot',
  'log/snapshot',
  'log/versions',
  'open-table',
  'partition',
  'scan',
  'schema',
  'store',
  'table',
  'upkeep/checkpoint',
  'upkeep/clean-log',
  'upkeep/compact',
  'upkeep/vacuum',
  'write/append',
  'write/configure',
  'write/shared-append',
  'write/swap',
]

/** What every folder but the stand-ins may import: two files that import nothing. */
const ground = ['src/day', 'src/reason']

const root = join(__dirname, '..')

/** TypeScript files below a folder; none while the folder is not there yet. */
function sources(folder: string): string[] {
  if (existsSync(join(root, `${folder}.ts`))) return [`${folder}.ts`]
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [
    ...text.matchAll(
      /(?:^|\s)(?:import|export)\s[^'"`;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\s)import\s+['"]([^'"]+)['"]|require\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '')
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return 'node'
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Names the import when it breaks the table, else undefined. */
function fault(layer: string, file: string, specifier: string): string | undefined {
  const rule = layers[layer]
  if (!rule) return `${file}: no layer for ${layer}`
  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier)
    const allowed = ['*', name, specifier].some((each) => rule.packages.includes(each))
    return allowed ? undefined : `${file} imports package ${name}, which ${layer} may not`
  }
  const target = normalize(join(dirname(file), specifier))
  const shared = ['local/hub', 'local/host'].includes(layer) ? [] : ground
  const allowed = [layer, ...rule.folders, ...shared].some(
    (to) => to === '*' || target === to || target.startsWith(`${to}/`),
  )
  return allowed ? undefined : `${file} imports ${target}, which ${layer} may not`
}

test.each(Object.keys(layers))('imports of %s point the way the design says', (layer) => {
  const faults = sources(layer).flatMap((file) => imports(file).map((specifier) => fault(layer, file, specifier)))
  expect(faults.filter((found) => found !== undefined)).toEqual([])
})

test('every file under src belongs to a layer of the table', () => {
  const strays = sources('src').filter(
    (file) => !Object.keys(layers).some((layer) => file === `${layer}.ts` || file.startsWith(`${layer}/`)),
  )
  expect(strays).toEqual([])
})

/** Everything that is built or run; tests import what they like. */
const house = ['src', 'tools', 'local', 'sim', 'bench', 'generator', 'infra', 'functions', 'dashboard']

test('no imports go round in a circle, those of types included', () => {
  const files = house.flatMap(sources)
  const within = (file: string) =>
    imports(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => `${normalize(join(dirname(file), specifier))}.ts`)
  expect(circles(new Map(files.map((file) => [file, within(file)])))).toEqual([])
})

/** The circles of a graph, each as the way round. */
function circles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const left = new Map(graph)
  const targets = (file: string) => (left.get(file) ?? []).filter((target) => left.has(target))
  const found: string[] = []
  for (;;) {
    // Files that import nothing that is left are part of no circle.
    for (let size = -1; size !== left.size;) {
      size = left.size
      for (const file of left.keys()) if (targets(file).length === 0) left.delete(file)
    }
    let [file = ''] = left.keys()
    if (file === '') return found
    // Every file left imports another one left, so that a walk along first imports comes round.
    const walk: string[] = []
    for (; !walk.includes(file); file = targets(file)[0] ?? '') walk.push(file)
    const round = walk.slice(walk.indexOf(file))
    found.push([...round, file].join(' → '))
    for (const each of round) left.delete(each)
  }
}

test('a circle is found, and a file that only leads into it is no part of it', () => {
  const graph = { a: ['b'], b: ['c', 'd'], c: ['b'], d: [], e: ['e', 'f'], f: ['d'] }
  expect(circles(new Map(Object.entries(graph)))).toEqual(['b → c → b', 'e → e'])
})

test('a forbidden import is found', () => {
  expect(fault('src/fold', 'src/fold/step.ts', '../lake/delta')).toMatch('src/lake/delta')
  expect(fault('src/fold', 'src/fold/step.ts', 'pg')).toMatch('package pg')
  expect(fault('src/fold', 'src/fold/step.ts', '../event/decode')).toBeUndefined()
  expect(fault('src/pipeline/daily', 'src/pipeline/daily/load.ts', '../stream/fold-bronze')).toMatch(
    'src/pipeline/stream',
  )
  expect(fault('src/pipeline/daily', 'src/pipeline/daily/load.ts', '../ports')).toBeUndefined()
})

test('what is imported from the lake outside it are its doors, and every door is used', () => {
  const outside = ['src', 'functions', 'infra', 'generator', 'local', 'tools', 'sim', 'bench']
    .flatMap(sources)
    .filter((file) => !file.startsWith('src/lake/'))
  const targets = outside.flatMap((file) =>
    imports(file).map((specifier) => (specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : '')),
  )
  const used = new Set(targets.filter((target) => target.startsWith('src/lake/')).map((target) => target.slice(9)))
  expect([...used].sort()).toEqual(lakeDoors)
})
