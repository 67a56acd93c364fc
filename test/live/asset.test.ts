import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answerAsset, pageFolder } from '../../src/live/asset'

const root = mkdtempSync(join(tmpdir(), 'page-'))
const folder = join(root, 'dashboard')
beforeAll(() => {
  mkdirSync(join(folder, 'folder.js'), { recursive: true })
  writeFileSync(join(root, 'secret.js'), 'secret')
  for (const name of ['index.html', 'page.js', 'page-5XQ2KEAL.js', 'page.3f2a9c41.css', 'icon.svg', '.env.js', 'a.ts'])
    writeFileSync(join(folder, name), `of ${name}`)
})
afterAll(() => rmSync(root, { recursive: true }))

test.each([
  ['index.html', 'text/html; charset=utf-8', 'no-cache'],
  ['page.js', 'text/javascript; charset=utf-8', 'no-cache'],
  ['page-5XQ2KEAL.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['page.3f2a9c41.css', 'text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['icon.svg', 'image/svg+xml', 'no-cache'],
])('%s is %s, kept as %s', async (file, type, keep) => {
  const answer = await answerAsset(folder, { file })
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': type, 'cache-control': keep } })
  expect(Buffer.from(answer.body ?? '').toString()).toBe(`of ${file}`)
})

test('a caller who has the file gets 304, until it is another', async () => {
  const { headers } = await answerAsset(folder, { file: 'page.js' })
  const ifNoneMatch = headers.etag ?? ''
  expect(await answerAsset(folder, { file: 'page.js', ifNoneMatch })).toEqual({
    status: 304,
    headers: expect.not.objectContaining({ 'content-type': expect.anything() as string }) as object,
  })
  writeFileSync(join(folder, 'page.js'), 'another')
  expect((await answerAsset(folder, { file: 'page.js', ifNoneMatch })).status).toBe(200)
})

test.each([
  '',
  '..',
  '../secret.js',
  '..%2fsecret.js',
  '/etc/hosts',
  '.env.js',
  'a.ts',
  'folder.js',
  'none.js',
  'page.js\0',
  'PAGE.JS.map',
])('%j is no file of the page', async (file) => {
  expect((await answerAsset(folder, { file })).status).toBe(404)
})

test('the page is beside the functions in the package, beside their folder in dist', () => {
  expect(pageFolder(root)).toBe(folder)
  expect(pageFolder(join(root, 'functions'))).toBe(folder)
})
