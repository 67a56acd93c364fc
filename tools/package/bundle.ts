import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { findEntryFiles } from '../../local/host/entry'
import { appFolder } from '../../local/stack/settings-file'

/**
 * Loaded by the worker or never there: the Functions library is the worker's own, DuckDB has a native part, the others are
 * optional parts of `pg` and `applicationinsights` that this app does not use.
 */
const external = [
  '@azure/functions-core',
  '@duckdb/node-api',
  'pg-native',
  'applicationinsights-native-metrics',
  '@azure/opentelemetry-instrumentation-azure-sdk',
]

/**
 * Writes `Buffer.alloc` and `Buffer.from` where a package still says `new Buffer` (thrift-lite of parquetjs-lite and
 * node-int64 do, with each Parquet file). Node forgives that in node_modules alone, and the bundle is outside: DEP0005.
 */
const bufferConstructor: Plugin = {
  name: 'buffer-constructor',
  setup: (bundled) => {
    bundled.onLoad({ filter: /[\\/]node_modules[\\/].*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const contents = text.replace(/\bnew Buffer\(/g, 'makeBuffer(')
      return contents === text ? undefined : { contents: `${contents}\n${makeBuffer}` }
    })
  },
}

const makeBuffer = `function makeBuffer(value, ...rest) {
  return typeof value === 'number' ? Buffer.alloc(value) : Buffer.from(value, ...rest)
}`

/** How code is put together for the platform, whatever its entry. */
export const bundling = {
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  external,
  plugins: [bufferConstructor],
  logLevel: 'warning',
} satisfies BuildOptions

/** The platform of Flex Consumption, whatever this machine is. */
const native = ['@duckdb/node-api', '@duckdb/node-bindings', '@duckdb/node-bindings-linux-x64']

/**
 * Puts the function package together in an empty folder: all functions and what they reach as one file, the native library
 * beside it, the live page, host.json, and a package.json that names the entry. Throws, naming it, when a package is not installed or there is no page.
 */
export async function bundle(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const functions = await findEntryFiles(appFolder)
  await build({
    stdin: {
      contents: functions.map((file) => `require(${JSON.stringify(file)})`).join('\n'),
      resolveDir: appFolder,
    },
    outfile: join(folder, 'functions.js'),
    ...bundling,
  })
  for (const name of native) await copyPackage(name, folder)
  await cp(join(appFolder, 'host.json'), join(folder, 'host.json'))
  await copyPage(folder)
  const manifest = { name: 'tillstream', version: '0.1.0', main: 'functions.js', engines: { node: '>=20' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
}

/** The live page as `npm run build` made it, for people's browsers: without maps. */
async function copyPage(folder: string): Promise<void> {
  const from = join(appFolder, 'dist', 'dashboard')
  try {
    await cp(from, join(folder, 'dashboard'), { recursive: true, filter: (path) => !path.endsWith('.map') })
  } catch (cause) {
    throw new Error(`package: expected the live page in ${from}, found none; run npm run build`, { cause })
  }
}

async function copyPackage(name: string, folder: string): Promise<void> {
  const from = join(appFolder, 'node_modules', name)
  const to = join(folder, 'node_modules', name)
  await mkdir(dirname(to), { recursive: true })
  try {
    await cp(from, to, { recursive: true, filter: (path) => !/\.(d\.ts|md|map)$/.test(path) })
  } catch (cause) {
    throw new Error(`package ${name}: expected it in node_modules; install on linux x64, where the app runs`, { cause })
  }
}
