// Compiles every TypeScript file outside the tests to CommonJS under dist/, file by file, so that
// a stack trace names the module it came from. Types are checked by `npm run typecheck`, not here.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'

const folders = ['functions', 'src', 'generator', 'local', 'tools', 'sim', 'bench', 'infra']
const stampFile = 'dist/.stamp'

const files = (await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true }))))
  .flat()
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`)
  .sort()

// Nothing has changed: leave dist alone, another terminal may be running it.
const stamp = await stampOf(['build.mjs', ...files])
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
  await writeFile(stampFile, stamp)
}

async function stampOf(paths) {
  const hash = createHash('sha256')
  for (const path of paths) {
    const { mtimeMs, size } = await stat(path)
    hash.update(`${path} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}
