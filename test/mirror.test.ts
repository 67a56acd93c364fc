import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '..')

/** Folders of the product whose files have a test of their own name, or say where else they are tested. */
const covered = ['src', 'functions', 'generator', 'local', 'tools', 'sim']

/** Folders below test/ that stand for nothing in the product. */
const ownOfTests = /^(interop|contributing)(\/|$)|(^|\/)(golden|fixtures|cases)(\/|$)/

/** Where a file of the product is tested by its name: src/app/lag.ts in test/app/lag.test.ts. */
const testOf = (file: string): string => `test/${file.replace(/^src\//, '').replace(/\.ts$/, '.test.ts')}`

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name}`)
}

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

/** What is wrong with what a file says of its test, or undefined. */
function fault(file: string, header: string, exists: (path: string) => boolean): string | undefined {
  const [, test, script] = /\bTested (?:in (test\/\S+\.test\.ts)|by (?:hand: )?`?npm run ([\w:]+))/.exec(header) ?? []
  if (exists(testOf(file))) return test || script ? `${file}: has ${testOf(file)}, expected no other` : undefined
  if (script !== undefined) return scripts[script] === undefined ? `${file}: no script ${script}` : undefined
  if (test === undefined)
    return `${file}: expected ${testOf(file)}, or a line "// Tested in test/….test.ts." at its head`
  return exists(test) ? undefined : `${file}: is tested in ${test}, which is not there`
}

/** The lines before the first that is neither comment nor empty. */
function headerOf(file: string): string {
  const text = readFileSync(join(root, file), 'utf8')
  return /^(?:\s|\/\/.*\n|\/\*[^]*?\*\/)*/.exec(text)?.[0] ?? ''
}

test.each(covered)('every file of %s has a test of its name or says where it is tested', (folder) => {
  const exists = (path: string) => existsSync(join(root, path))
  const faults = sources(folder).map((file) => fault(file, headerOf(file), exists))
  expect(faults.filter((found) => found !== undefined)).toEqual([])
})

test('every folder below test/ is one of the product', () => {
  const folders = readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, 'test/').length))
    .filter((folder) => !ownOfTests.test(folder))
  // test/lake/store holds the contract of src/lake/store.ts.
  const mirrored = (folder: string) => [folder, `${folder}.ts`].flatMap((path) => [path, `src/${path}`])
  const strangers = folders.filter((folder) => !mirrored(folder).some((path) => existsSync(join(root, path))))
  expect(strangers).toEqual([])
})

test('a file that says nothing, or names a test that is not there, is found', () => {
  const nothing = () => false
  expect(fault('src/app/x.ts', '', nothing)).toMatch('expected test/app/x.test.ts')
  expect(fault('src/app/x.ts', '', (path) => path === 'test/app/x.test.ts')).toBeUndefined()
  expect(fault('src/app/x.ts', '// Tested in test/app/y.test.ts.', nothing)).toMatch('which is not there')
  expect(
    fault('src/app/x.ts', '// Tested in test/app/y.test.ts.', (path) => path.endsWith('y.test.ts')),
  ).toBeUndefined()
  expect(fault('sim/x.ts', '// Tested by npm run nothing.', nothing)).toMatch('no script nothing')
})
