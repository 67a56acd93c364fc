import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inputs } from '../infra/config'
import { settings } from '../src/config/settings'
import { scripts } from '../package.json'

/* What README and docs tell people to run, open and set is there. */

const root = join(__dirname, '..')
const pages = ['README.md', 'sim/README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md'),
)

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}

function missingCommands(text: string): readonly string[] {
  return matches(text, /npm run (?:--silent )?([\w:-]*\w)/g).filter((name) => !(name in scripts))
}

/** Targets of links within the repository, with the part of the page they point to. */
function missingLinks(page: string, text: string): readonly string[] {
  return matches(text, /\]\((?!https?:|mailto:)([^)\s]+)\)/g).filter((target) => {
    const [path = '', section] = target.split('#')
    const file = path === '' ? page : join(dirname(page), path)
    if (!existsSync(join(root, file))) return true
    return section !== undefined && !sectionsOf(file).includes(section)
  })
}

/** Sections of a page as GitHub names them in links. */
function sectionsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return matches(text, /^#+ (.+)$/gm).map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

const folders = [
  '.github',
  'src',
  'functions',
  'infra',
  'local',
  'tools',
  'sim',
  'generator',
  'bench',
  'test',
  'docs',
  'dist',
]
const pathPattern = new RegExp(
  `(?<![\\w./@:*-])((?:${folders.map((name) => name.replace('.', '\\.')).join('|')})/[\\w./*-]*\\w)`,
  'g',
)

/** Paths named in prose and commands. Compiled files stand for their source; what is made on the way is left out. */
function missingPaths(text: string): readonly string[] {
  return matches(text, pathPattern)
    .filter((path) => !path.includes('*'))
    .filter((path) => !existsSync(join(root, path.replace(/^dist\/(.*)\.js$/, '$1.ts'))))
    .filter((path) => !existsSync(join(root, `${path}.ts`)))
}

/** Names in capitals with an underscore that are neither settings nor those other programs read. */
function unknownSettings(text: string): readonly string[] {
  const known = new Set<string>([
    ...Object.keys(settings),
    ...Object.keys(inputs).map((name) => `TF_VAR_${name}`),
    ...foreign,
  ])
  return matches(text, /`((?:[A-Z][A-Z0-9]*_)+[A-Za-z0-9_]+)(?:=[^`]*)?`/g).filter((name) => !known.has(name))
}

/** Read by Terraform, by the synthesis, by Node's identity library, by GitHub's workflow, by the embedded hub, and an SQL state. */
const foreign = [
  'HUB_PARTITIONS',
  'TILLSTREAM_STATE_ACCOUNT',
  'ARM_SUBSCRIPTION_ID',
  'ARM_TENANT_ID',
  'AZURE_TENANT_ID',
  'AZURE_SUBSCRIPTION_ID',
  'AZURE_TOKEN_CREDENTIALS',
  'DEPLOY_RUNNER',
  'ALERT_EMAIL',
  'DATABASE_ADMIN_NAME',
  'DATABASE_ADMIN_OBJECT_ID',
  'DATABASE_ADMIN_TYPE',
  'DEPLOYMENT_STORAGE_CONNECTION_STRING',
]

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8')

  test('names commands that are in package.json', () => {
    expect(missingCommands(text)).toEqual([])
  })

  test('links to pages and sections that are there', () => {
    expect(missingLinks(page, text)).toEqual([])
  })

  test('names files and folders that are there', () => {
    expect(missingPaths(text)).toEqual([])
  })

  test('names settings that exist', () => {
    expect(unknownSettings(text)).toEqual([])
  })
})

test('what is missing is found', () => {
  expect(missingCommands('`npm run nothing -- --at all`')).toEqual(['nothing'])
  expect(missingLinks('README.md', '[a](docs/nothing.md) [b](docs/design.md#nothing) [c](https://x.y)')).toEqual([
    'docs/nothing.md',
    'docs/design.md#nothing',
  ])
  expect(missingPaths('see src/nothing.ts and `node dist/infra/nothing.js`, not src/fold')).toEqual([
    'src/nothing.ts',
    'dist/infra/nothing.js',
  ])
  expect(unknownSettings('`NO_SUCH_SETTING` and `LAKE_URL`')).toEqual(['NO_SUCH_SETTING'])
})

/** The texts of troubleshooting as people paste them into a search: the code says them, word for word. */
test('error texts of troubleshooting are those of the code', () => {
  const text = readFileSync(join(root, 'docs', 'troubleshooting.md'), 'utf8')
  const quoted = matches(text, /^\| `([^`]+)` \|/gm)
  expect(quoted.length).toBeGreaterThan(10)
  const code = ['src', 'local', 'tools', 'infra'].map((folder) => sourceOf(folder)).join('\n')
  // An ellipsis stands for what differs each time.
  const unsaid = quoted.filter((message) => !message.split('…').every((part) => code.includes(part.trim())))
  expect(unsaid).toEqual([])
})

/** Text of all sources below a folder, strings that are put together over lines joined. */
function sourceOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').replace(/['`] \+\n\s*['`]/g, ''))
    .join('\n')
}

/** Where a file is tested that has no test of its own name: its header says so. */
test('where headers say that they are tested, there is a test', () => {
  const paths = matches(sourceOf('tools'), /[Tt]ested in (test\/[\w./-]*\w)/g)
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
})
