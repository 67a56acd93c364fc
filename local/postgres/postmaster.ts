import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
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
  const found = pid && (await describeProcess(pid))
  // PostgreSQL itself deals with the file of a process that is no more.
  if (!found) return
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

/** Stops a server by fast shutdown, then, after `patienceMs`, by immediate shutdown: it recovers at its next start. */
export async function stopProcess(pid: number, { patienceMs = 2500 } = {}): Promise<void> {
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
