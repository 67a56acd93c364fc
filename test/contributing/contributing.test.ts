import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

/*
 * The worked example of CONTRIBUTING.md is salesperson.patch: the files the page lists are those the patch touches, and
 * a copy of this tree with the patch on it passes what the page says to run.
 */

const root = join(__dirname, '../..')
const patch = join(__dirname, 'salesperson.patch')
const run = promisify(execFile)

// The compiler and another jest run inside.
jest.setTimeout(300_000)

const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const [, example = ''] = page.split(/^## .*revenue by salesperson.*$/m)
const [section = ''] = example.split(/^## /m)

test('the page lists the files of the patch, and no others', () => {
  const listed = [...section.matchAll(/^\| `([^`]+)` \|/gm)].map(([, file]) => file)
  const touched = [...readFileSync(patch, 'utf8').matchAll(/^diff --git a\/(\S+) b\/\S+$/gm)].map(([, file]) => file)
  expect(listed.toSorted()).toEqual(touched.toSorted())
})

const hasGit = spawnSync('git', ['--version']).status === 0
const onCopy = hasGit ? describe : describe.skip

onCopy(`a copy with the patch on it${hasGit ? '' : ' (skipped: there is no git here)'}`, () => {
  let copy = ''
  afterAll(() => rmSync(copy, { recursive: true, force: true }))

  /** Runs a program in the copy; the error of one that fails says what it printed. */
  async function inCopy(program: string, ...args: readonly string[]): Promise<void> {
    // Else `git apply` would take the copy for a folder of a repository around it, and do nothing.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(copy) }
    try {
      await run(program, args, { cwd: copy, env, maxBuffer: 2 ** 26 })
    } catch (error) {
      const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
      throw new Error(`${basename(program)} ${args.join(' ')}\n${stdout}${stderr}`, { cause: error })
    }
  }

  const node = (...args: readonly string[]) => inCopy(process.execPath, ...args)

  beforeAll(async () => {
    copy = mkdtempSync(join(tmpdir(), 'tillstream-contributing-'))
    const leftOut = ['.git', '.tillstream', 'coverage', 'dist', 'node_modules', 'package'].map((name) =>
      join(root, name),
    )
    cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.includes(path) })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    try {
      await inCopy('git', 'apply', patch)
    } catch (cause) {
      const how = 'apply it with `git apply --3way`, mend it, and write it anew with `git diff --cached -U1`'
      throw new Error(`test/contributing/salesperson.patch does not fit the tree any more; ${how}`, { cause })
    }
  })

  test('compiles, and its docs are those of its schema', async () => {
    await node('node_modules/typescript/bin/tsc', '--noEmit')
    await node('build.mjs')
    await node('dist/tools/docs-events.js', '--check')
  })

  test('passes the tests of contract, fold and rollups', async () => {
    const tests = ['event/decode', 'fold/rollups', 'contributing/rollups', 'tools/verify/contract']
    await node('node_modules/jest/bin/jest.js', '--maxWorkers=1', ...tests.map((name) => `test/${name}`))
  })

  test('takes events into every layer, verified by the second writing', async () => {
    const name = 'a price that is another cent in the hub is found in every layer'
    await node('node_modules/jest/bin/jest.js', 'test/tools/verify/verify.test.ts', '-t', name)
  })
})
