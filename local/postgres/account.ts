// Tested in test/local/postgres/postgres.test.ts.
import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** An operating system account, by its numbers. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * The account PostgreSQL runs under: undefined for "the one we are", else, because PostgreSQL refuses to run as root,
 * the owner of the data directory, or `postgres`, or `nobody`. No account is ever created.
 *
 * Throws when we are root and the machine has none of them.
 */
export async function serverAccount(dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const found = (await ownerOf(dataDir)) ?? (await accountNamed('postgres')) ?? (await accountNamed('nobody'))
  if (found) return found
  throw new Error(
    'postgres: cannot run as root, and this machine has neither an account "postgres" nor "nobody" to run it as; ' +
      'run this command as another user',
  )
}

async function ownerOf(path: string): Promise<Account | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && found.uid !== 0 ? { uid: found.uid, gid: found.gid } : undefined
}

async function accountNamed(name: string): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch (error) {
    // `id` exits with 1 for an unknown name; anything else is a fault of the machine.
    if ((error as { code?: unknown }).code === 1) return undefined
    throw error
  }
}

/** The first directory above `path` that `account` may not pass through, outermost first; undefined when none. */
async function closedDirectory(path: string, account: Account): Promise<string | undefined> {
  for (const directory of ancestors(resolve(path))) {
    const { mode, uid, gid } = await stat(directory)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return directory
  }
  return undefined
}

function ancestors(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [...ancestors(parent), parent]
}

/** How to start a program: what goes before its own arguments, and the account to give to `spawn`. */
export interface Launch {
  readonly prefix: readonly string[]
  readonly account: Account | undefined
}

/**
 * How to start programs as `account` so that they reach all of `paths`. Where a closed directory is in the way
 * (typically root's own home), `setpriv` lends the program the one capability to pass through; the account stays.
 *
 * Throws, naming the directory, when it is closed and `setpriv` (Linux, util-linux) is not there.
 */
export async function planLaunch(account: Account | undefined, paths: readonly string[]): Promise<Launch> {
  if (!account) return { prefix: [], account }
  const closed = (await Promise.all(paths.map((path) => closedDirectory(path, account)))).find((each) => each)
  if (closed === undefined) return { prefix: [], account }
  const prefix = [
    'setpriv',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    // Without this bit access(2), which PostgreSQL asks, ignores the capability.
    '--securebits=+no_setuid_fixup',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
    '--',
  ]
  try {
    await run('setpriv', [...prefix.slice(1), 'true'])
  } catch (cause) {
    throw new Error(
      `postgres: cannot run as root, and account ${account.uid} may not pass through ${closed}; ` +
        `run \`chmod o+x ${closed}\`, move the project out of it, or run this command as another user`,
      { cause },
    )
  }
  return { prefix, account: undefined }
}
