// Tested in test/local/postgres/postgres.test.ts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, mkdtemp, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Account, type Launch } from './account'

/** What `initdb` needs to know. */
export interface ClusterOptions {
  readonly dataDir: string
  readonly initdb: string
  readonly launch: Launch
  /** Who shall own the files; undefined for ourselves. */
  readonly account: Account | undefined
  readonly user: string
  readonly password: string
  readonly logFile: string
}

/**
 * Makes sure there is a cluster in the data directory: encoding UTF-8, locale C (text sorts by code point), passwords
 * by SCRAM. It is created beside and renamed into place, so an interrupted creation leaves no half of one.
 *
 * Throws when the directory holds something else, or cannot be written.
 */
export async function ensureCluster(options: ClusterOptions): Promise<void> {
  const entries = await listDirectory(options.dataDir)
  if (entries.includes('PG_VERSION')) return
  if (entries.length > 0) {
    throw new Error(
      `postgres: data directory ${options.dataDir} is no PostgreSQL cluster: expected PG_VERSION or nothing, found ` +
        `${entries.slice(0, 5).join(', ')}; move it away to begin with an empty database, or choose another one`,
    )
  }
  const unfinished = `${options.dataDir}.new`
  try {
    await rm(unfinished, { recursive: true, force: true })
    await createCluster(unfinished, options)
    await rename(unfinished, options.dataDir)
  } catch (cause) {
    throw new Error(`postgres: cannot create a cluster in ${options.dataDir}: ${(cause as Error).message}`, { cause })
  }
}

async function listDirectory(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return []
    throw new Error(`postgres: cannot read data directory ${path} (${code}); choose one you may read and write`, {
      cause,
    })
  }
}

async function createCluster(directory: string, options: ClusterOptions): Promise<void> {
  await mkdir(directory, { mode: 0o700 })
  await give(directory, options.account)
  // initdb takes the password from a file; a pipe of ours could not be opened by another account.
  const secrets = await mkdtemp(join(tmpdir(), 'tillstream-initdb-'))
  try {
    await give(secrets, options.account)
    const passwordFile = join(secrets, 'password')
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600 })
    await give(passwordFile, options.account)
    await runInitdb(directory, { ...options, passwordFile })
  } finally {
    await rm(secrets, { recursive: true, force: true })
  }
}

async function give(path: string, account: Account | undefined): Promise<void> {
  if (account) await chown(path, account.uid, account.gid)
}

async function runInitdb(
  directory: string,
  { initdb, launch, user, passwordFile, logFile }: ClusterOptions & { readonly passwordFile: string },
): Promise<void> {
  const command = [
    ...launch.prefix,
    initdb,
    `--pgdata=${directory}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
  ]
  const [program = initdb, ...args] = command
  const log = await open(logFile, 'w')
  try {
    const child = spawn(program, args, {
      ...launch.account,
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log.fd, log.fd],
    })
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    if (code === 0) return
    const text = await readFile(logFile, 'utf8')
    throw new Error(
      `initdb ended with ${signal ?? `exit code ${code}`}:\n${text.trimEnd().split('\n').slice(-8).join('\n')}`,
    )
  } finally {
    await log.close()
  }
}
