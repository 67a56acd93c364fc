import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { findEntryFiles } from '../../../local/host/entry'

const folder = mkdtempSync(join(tmpdir(), 'host-entry-'))
for (const file of [
  'dist/index.js',
  'dist/functions/b.js',
  'dist/functions/a.js',
  'dist/functions/a.js.map',
  'dist/functions/deep/c.js',
]) {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), '')
}
afterAll(() => rmSync(folder, { recursive: true }))

async function found(main: string): Promise<readonly string[]> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ main }))
  return (await findEntryFiles(folder)).map((file) => relative(folder, file))
}

test.each([
  ['dist/functions/*.js', ['dist/functions/a.js', 'dist/functions/b.js']],
  ['./dist/index.js', ['dist/index.js']],
  ['dist/{index.js,functions/*.js}', ['dist/functions/a.js', 'dist/functions/b.js', 'dist/index.js']],
  ['dist/**/c.js', ['dist/functions/deep/c.js']],
  [
    'dist/functions/**',
    ['dist/functions/a.js', 'dist/functions/a.js.map', 'dist/functions/b.js', 'dist/functions/deep/c.js'],
  ],
])('main "%s" names its files in order', async (main, files) => {
  expect(await found(main)).toEqual(files)
})

test('a pattern can be given instead of a folder', async () => {
  const files = await findEntryFiles(join(folder, 'dist/functions/*.js'))
  expect(files.map((file) => relative(folder, file))).toEqual(['dist/functions/a.js', 'dist/functions/b.js'])
})

test('an app that was not built is refused by name', async () => {
  await expect(found('build/*.js')).rejects.toThrow('no file matches "build/*.js"; build it first')
})
