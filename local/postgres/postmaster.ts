// Tested in test/local/postgres/postgres.test.ts.
import { execFile } from 'node:child_process'
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)
const pollMs = 20

/** What `postmaster.pid` says of the server on a data directory. */
export interface Postmaster {
  readonly pid: number
  /** The server accepts connections. */
  readonly ready: boolean
}

/** Reads `postmaster.pid`; undefined when there is none. Its lines are named in PostgreSQL's `miscadmin.h`. */
export async function readPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const lines = text.split('\n')
  return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' }
}

/** The server's command line says which process owns it, so that an orphan can be told from a server in use. */
export const ownerSetting = 'tillstream.owner'

/**
 * Makes the data directory free for a new server: a server left behind by a process that was killed is stopped; a
 * `postmaster.pid` whose process is now something else is removed.
 *
 * Throws when the server there belongs to a process that is still running.
 */
export async function clearDataDir(dataDir: string, { patienceMs = 3000 } = {}): Promise<void> {
  const pid = (await readPostmaster(dataDir))?.pid
  if (!pid) return
  const found = await describeProcess(pid)
  if (!found) return clearAfterDeath(dataDir, { pid, patienceMs })
  if (!found.command.includes(dataDir)) return rm(join(dataDir, 'postmaster.pid'), { force: true })
  const owner = Number(new RegExp(`${ownerSetting}=(\\d+)`).exec(found.command)?.[1])
  // A process whose parent died has been given another one.
  if (found.parentPid === owner || Number.isNaN(owner)) {
    throw new Error(
      `postgres: data directory ${dataDir} is in use by process ${found.parentPid} (its server is process ${pid}); ` +
        'stop that one first, or choose another data directory',
    )
  }
  await stopProcess(pid, { patienceMs })
}

/**
 * PostgreSQL itself deals with the file of a process that is no more, but refuses to start while that process's exit
 * status waits to be collected, as it may for ever under an idle PID 1, and while backends that outlived it hold its
 * shared memory. These end by themselves; only after them is the file safe to remove.
 */
async function clearAfterDeath(
  dataDir: string,
  { pid, patienceMs }: { readonly pid: number; readonly patienceMs: number },
): Promise<void> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
    if (!(await isAnyoneIn(dataDir))) {
      if (lingers(pid)) await rm(join(dataDir, 'postmaster.pid'), { force: true })
      return
    }
    await sleep(pollMs)
  }
}

/** Whether a process runs, tested as PostgreSQL does: EPERM means that it runs under another account. */
function lingers(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Whether a process works in the directory, as every process of a server does. Linux alone tells. */
async function isAnyoneIn(dataDir: string): Promise<boolean> {
  if (process.platform !== 'linux') return false
  const [entries, directory] = await Promise.all([readdir('/proc'), realpath(dataDir)])
  const found = await Promise.all(
    // Processes of other accounts, and those that end meanwhile, do not say where they work.
    entries.filter((name) => /^\d+$/.test(name)).map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')),
  )
  return found.includes(directory)
}

/** Stops a server by fast shutdown, then, after `patienceMs`, by immediate shutdown: it recovers at its next start. */
async function stopProcess(pid: number, { patienceMs = 2500 } = {}): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!sendSignal(pid, signal)) return
    if (await hasEnded(pid, { withinMs: patienceMs })) return
  }
  throw new Error(`postgres: process ${pid} did not end; end it by hand`)
}

/** Whether a process runs; one of which only the exit status is left does not. */
export async function isRunning(pid: number): Promise<boolean> {
  return (await describeProcess(pid)) !== undefined
}

async function hasEnded(pid: number, { withinMs }: { readonly withinMs: number }): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += pollMs) {
    if (!(await isRunning(pid))) return true
    await sleep(pollMs)
  }
  return false
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

interface ProcessFacts {
  readonly parentPid: number
  readonly command: string
}

/** Undefined when there is no such process, or only its exit status is left (which an idle PID 1 never collects). */
async function describeProcess(pid: number): Promise<ProcessFacts | undefined> {
  if (process.platform === 'linux') return describeLinuxProcess(pid)
  const { stdout } = await run('ps', ['-o', 'ppid=,command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  const [, parentPid, command] = /^\s*(\d+)\s+(.*)$/s.exec(stdout) ?? []
  return command === undefined || command.includes('<defunct>') ? undefined : { parentPid: Number(parentPid), command }
}

/** From /proc, because slim container images have no `ps`. */
async function describeLinuxProcess(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const [command, status] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ])
    if (/^State:\s*Z/m.test(status)) return undefined
    return { parentPid: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]), command: command.replaceAll('\0', ' ') }
  } catch (error) {
    // ESRCH: it ended between opening and reading.
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
