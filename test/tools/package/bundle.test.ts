import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { appFolder } from '../../../local/stack/settings-file'
import { bundle, bundling } from '../../../tools/package/bundle'

/* What is deployed, in a process of its own; outside node_modules, where Node says what is deprecated. `npm test` compiles first. */

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tillstream-bundle-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a file; what Node deprecates is thrown, and what is said beside the answer comes as `stderr`. */
const run = (file: string, ...given: string[]) =>
  promisify(execFile)(process.execPath, ['--throw-deprecation', file, ...given])

test('the functions load from the package without a word of anything deprecated', async () => {
  await bundle(join(folder, 'app'))
  const functions = join(folder, 'app', 'functions.js')
  const { stdout, stderr } = await run(join(appFolder, 'dist', 'tools', 'package', 'load-functions.js'), functions)
  expect(stderr).toBe('')
  expect((JSON.parse(stdout) as { functions: string[] }).functions).toContain('ingest')
  expect(await readFile(functions, 'utf8')).not.toMatch(/\bnew Buffer\(/)
}, 60_000)

test('a Parquet file written from the package has the bytes its packages write, and nothing of it is deprecated', async () => {
  const write = `
    const { writeParquet } = require('./src/lake/parquet/write')
    const columns = [
      { name: 'store', type: 'string', nullable: false },
      { name: 'units', type: 'long', nullable: false },
      { name: 'share', type: 'double', nullable: true },
    ]
    const rows = [{ store: 'Überlingen', units: 7n, share: 0.5 }, { store: 'a'.repeat(3000), units: -1n, share: null }]
    process.stdout.write(Buffer.from(writeParquet(columns, rows).bytes).toString('base64'))
  `
  const entry = { stdin: { contents: write, resolveDir: appFolder } }
  await build({ ...bundling, ...entry, outfile: join(folder, 'write.js') })
  await build({ ...bundling, ...entry, outfile: join(folder, 'plain.js'), plugins: [] })
  const { stdout, stderr } = await run(join(folder, 'write.js'))
  expect(stderr).toBe('')
  expect(Buffer.from(stdout, 'base64').subarray(0, 4).toString()).toBe('PAR1')
  // The packages as they are, which Node warns of here.
  await expect(run(join(folder, 'plain.js'))).rejects.toThrow('DEP0005')
  const plain = await promisify(execFile)(process.execPath, ['--no-deprecation', join(folder, 'plain.js')])
  expect(stdout).toBe(plain.stdout)
}, 60_000)
