import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Command } from 'commander'
import { runCommand } from '../local/cli/run'
import { findEntryFiles } from '../local/host/entry'
import { bundle } from './package/bundle'
import { zip } from './package/zip'
import { appFolder } from '../local/stack/settings-file'

interface Loaded {
  readonly functions: readonly string[]
  readonly loadMs: number
}

interface PackageReport {
  readonly ok: boolean
  readonly file: string
  readonly sizeBytes: number
  readonly unpackedBytes: number
  readonly files: number
  readonly functions: readonly string[]
  /** Medians of fresh processes: all functions loaded from the package, and from the separate files of a plain build. */
  readonly loadMs: { readonly packaged: number; readonly separate: number }
}

const program = new Command('package')
  .description('Builds the zip that is deployed: production code only.')
  .option('--out <dir>', 'folder for the package', join(appFolder, 'package'))
  .option('--json', 'print one JSON object on the last line')
  .parse()
const options = program.opts<{ out: string; json?: true }>()
const runs = 5

async function pack(): Promise<PackageReport> {
  const folder = join(options.out, 'app')
  const file = join(options.out, 'tillstream.zip')
  await mkdir(options.out, { recursive: true })
  await bundle(folder)
  const sizes = await zip(folder, file)
  const packaged = await load([join(folder, 'functions.js')])
  const separate = await load(await findEntryFiles(appFolder))
  const missing = separate.functions.filter((name) => !packaged.functions.includes(name))
  if (missing.length > 0) throw new Error(`package: expected all functions, ${missing.join(', ')} did not load`)
  const loadMs = { packaged: packaged.loadMs, separate: separate.loadMs }
  return { ok: true, file, ...sizes, functions: packaged.functions, loadMs }
}

/** Loads an app in fresh processes; what it registered, and the median time. */
async function load(files: readonly string[]): Promise<Loaded> {
  const loader = join(__dirname, 'package', 'load-functions.js')
  const loaded: Loaded[] = []
  for (let run = 0; run < runs; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, [loader, files.join(',')])
    loaded.push(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Loaded)
  }
  const median = loaded.sort((a, b) => a.loadMs - b.loadMs)[Math.floor(runs / 2)]
  if (!median) throw new Error('package: expected a run')
  return median
}

void runCommand({ json: options.json === true, print: (report) => console.log(report) }, pack)
