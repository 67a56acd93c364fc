// Compiles every TypeScript file outside the tests to CommonJS under dist/, file by file, so that
// a stack trace names the module it came from. Types are checked by `npm run typecheck`, not here.
import { cp, readdir, rm } from 'node:fs/promises'
import { build } from 'esbuild'

const folders = ['functions', 'src', 'generator', 'local', 'bench']

const files = (await Promise.all(folders.map((folder) => readdir(folder, { recursive: true, withFileTypes: true }))))
  .flat()
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`)

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
// What the compiled code reads beside itself: migrations, CSV maps, hub configuration.
await Promise.all(files.filter((file) => /\.(sql|json)$/.test(file)).map((file) => cp(file, `dist/${file}`)))
