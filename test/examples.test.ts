import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import ts from 'typescript'

/*
 * Every `@example` of a doc comment is type-checked, as the body of an async function that sees
 * - what its file exports and what its file imports,
 * - what lines of the example itself import, relative to its file,
 * - the names of `given`, without a declaration: things every reader of the house knows.
 * Nothing is run.
 */

const given: Readonly<Record<string, { readonly type: string; readonly from?: string }>> = {
  store: { type: 'Store', from: 'src/lake/store' },
  root: { type: 'string' },
  schema: { type: 'TableSchema', from: 'src/lake/schema' },
  rows: { type: 'readonly Row[]', from: 'src/lake/schema' },
  snapshot: { type: 'Snapshot', from: 'src/lake/log/snapshot' },
  adds: { type: 'readonly AddFile[]', from: 'src/lake/log/action' },
  table: { type: 'Table', from: 'src/lake/table' },
  bronze: { type: 'Table', from: 'src/lake/table' },
  silver: { type: 'Table', from: 'src/lake/table' },
  gold: { type: 'Table', from: 'src/lake/table' },
  sales: { type: 'Table', from: 'src/lake/table' },
  ports: { type: 'Ports', from: 'src/pipeline/ports' },
  settings: { type: 'Settings', from: 'src/config/settings' },
  warehouse: { type: 'Warehouse', from: 'src/warehouse/connection' },
  version: { type: 'number' },
  partition: { type: 'number' },
  timestampMs: { type: 'number' },
  nowMs: { type: 'number' },
  date: { type: 'string' },
  operation: { type: 'string' },
  bytes: { type: 'Uint8Array' },
}

const root = join(__dirname, '..')
const folders = ['src', 'tools', 'local', 'generator', 'sim', 'infra']

interface Example {
  /** The file it is in, from the root, and the line its code begins at. */
  readonly file: string
  readonly line: number
  readonly code: string
}

function examplesOf(file: string, text: string): readonly Example[] {
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?![/]).*\n)*)/gm)].map((match) => {
    const lines = (match[1] ?? '').split('\n').map((line) => line.replace(/^ *\* ?/, ''))
    const end = lines.findIndex((line) => line.startsWith('@'))
    const code = lines.slice(0, end === -1 ? undefined : end).join('\n')
    return { file, line: text.slice(0, match.index).split('\n').length + 1, code: code.trimEnd() }
  })
}

/** The module an example becomes. The code stands last, each line of its own. */
function moduleOf({ file, code }: Example, source: string): { readonly head: string; readonly text: string } {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022)
  const imports = parsed.statements.filter(ts.isImportDeclaration)
  const known = [...imports.flatMap(namesImported), ...parsed.statements.flatMap(namesExported)]
  const isImport = (line: string) => line.startsWith('import ')
  const lines = code.split('\n')
  const used = Object.entries(given).filter(([name]) => new RegExp(`\\b${name}\\b`).test(code) && !known.includes(name))
  const path = (from: string) => {
    const found = relative(dirname(file), from)
    return found.startsWith('.') ? found : `./${found}`
  }
  const declared = used.map(([name, { type, from }]) => {
    const named = /(\w+)(?:\[\])?$/.exec(type)?.[1] ?? type
    const full = from === undefined ? type : type.replace(named, `import('${path(from)}').${named}`)
    return `declare const ${name}: ${full}`
  })
  const head = [
    `import { ${parsed.statements.flatMap(namesExported).join(', ')} } from './${basename(file, '.ts')}'`,
    ...imports.map((each) => each.getText(parsed)),
    ...lines.filter(isImport),
    ...declared,
    'export async function example() {',
    '',
  ].join('\n')
  return { head, text: `${head}${lines.map((line) => (isImport(line) ? '' : line)).join('\n')}\n}\n` }
}

function namesImported({ importClause: clause }: ts.ImportDeclaration): readonly string[] {
  const bindings = clause?.namedBindings
  const named = bindings === undefined ? [] : ts.isNamespaceImport(bindings) ? [bindings] : bindings.elements
  return [...(clause?.name ? [clause.name.text] : []), ...named.map(({ name }) => name.text)]
}

function namesExported(statement: ts.Statement): readonly string[] {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return []
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []))
  }
  const { name } = statement as ts.DeclarationStatement
  return name && ts.isIdentifier(name) ? [name.text] : []
}

/** What the compiler says against examples, with file and line of each fault. */
function faultsOf(examples: readonly Example[]): readonly string[] {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root)
  const modules = new Map(
    examples.map((example, at) => {
      const path = join(root, dirname(example.file), `example-${at}.ts`)
      return [path, { example, ...moduleOf(example, readFileSync(join(root, example.file), 'utf8')) }] as const
    }),
  )
  const unstrict = { noUnusedLocals: false, noUnusedParameters: false, isolatedModules: false, types: ['node'] }
  const onDisk = ts.createCompilerHost({ ...options, ...unstrict })
  const host: ts.CompilerHost = {
    ...onDisk,
    fileExists: (path) => modules.has(path) || onDisk.fileExists(path),
    readFile: (path) => modules.get(path)?.text ?? onDisk.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const found = modules.get(path)
      return found ? ts.createSourceFile(path, found.text, version) : onDisk.getSourceFile(path, version, ...rest)
    },
  }
  const program = ts.createProgram([...modules.keys()], { ...options, ...unstrict }, host)
  return [...modules].flatMap(([path, { example, head }]) => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((fault) => {
      const before = file?.text.slice(0, fault.start ?? 0) ?? ''
      const line = example.line + Math.max(0, before.split('\n').length - head.split('\n').length)
      return `${example.file}:${line} ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`
    })
  })
}

const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
)

test('every example compiles', () => {
  const examples = files.flatMap((file) => examplesOf(file, readFileSync(join(root, file), 'utf8')))
  expect(examples.length).toBeGreaterThan(10)
  expect(faultsOf(examples)).toEqual([])
})

test('an example that has rotted is found, with its line', () => {
  const text = [
    '/**',
    ' * Does it.',
    ' *',
    ' * @example',
    ' * const today: string = dateOf(dayMs)',
    " * dateOf('today', undefined)",
    ' * refresh(table)',
    ' */',
  ]
  const examples = examplesOf('src/day.ts', `${text.join('\n')}\n`)
  expect(examples.map(({ line }) => line)).toEqual([5])
  expect(faultsOf(examples)).toEqual([
    'src/day.ts:6 Expected 1 arguments, but got 2.',
    "src/day.ts:7 Cannot find name 'refresh'.",
  ])
})
