// Tested by `npm run package`, which CI runs.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
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

/** The platform of Flex Consumption, whatever this machine is. */
const native = ['@duckdb/node-api', '@duckdb/node-bindings', '@duckdb/node-bindings-linux-x64']

/**
 * Puts the function package together in an empty folder: all functions and what they reach as one file, the native library
 * beside it, host.json, and a package.json that names the entry. Throws, naming it, when a package is not installed.
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
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external,
    logLevel: 'warning',
  })
  for (const name of native) await copyPackage(name, folder)
  await cp(join(appFolder, 'host.json'), join(folder, 'host.json'))
  const manifest = { name: 'tillstream', version: '0.1.0', main: 'functions.js', engines: { node: '>=20' } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
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
