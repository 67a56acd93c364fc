// Compiles every TypeScript file outside the tests to CommonJS under dist/, file by file, so that
// a stack trace names the module it came from. Types are checked by `npm run typecheck`, not here.
// The page, dashboard/, is what a browser loads: one script and one style sheet, dist/dashboard/.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'

const folders = ['functions', 'src', 'generator', 'local', 'tools', 'sim', 'bench', 'infra']
const pageFolder = 'dashboard'
const stampFile = 'dist/.stamp'

const files = await filesOf(folders)

// Nothing has changed: leave dist alone, another terminal may be running it.
const stamp = await stampOf(['build.mjs', ...files, ...(await filesOf([pageFolder]))])
if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) await compile()

async function compile() {
  await rm('dist', { recursive: true, force: true })
  await build({
    entryPoints: files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts')),
    outdir: 'dist',
    outbase: '.',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'linked',
    logLevel: 'warning',
  })
  // What the compiled code reads beside itself: migrations, CSV maps, hub configuration, queries.
  await Promise.all(files.filter((file) => /\.(sql|json|kql)$/.test(file)).map((file) => cp(file, `dist/${file}`)))
  await buildPage()
  await writeFile(stampFile, stamp)
}

async function buildPage() {
  await build({
    entryPoints: [`${pageFolder}/app.ts`, `${pageFolder}/app.css`],
    outdir: `dist/${pageFolder}`,
    bundle: true,
    minify: true,
    platform: 'browser',
    target: ['es2022', 'safari16.4'],
    format: 'esm',
    logLevel: 'warning',
  })
  await cp(`${pageFolder}/index.html`, `dist/${pageFolder}/index.html`)
}

async function filesOf(from) {
  const entries = await Promise.all(from.map((folder) => readdir(folder, { recursive: true, withFileTypes: true })))
  return entries
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()
}

async function stampOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const { mtimeMs, size } = await stat(path)
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}
