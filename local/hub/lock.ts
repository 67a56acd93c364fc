// Tested in test/local/hub/crash.test.ts.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Locks of this process. A lock with its process id that is not here was left by another of the same id. */
const held = new Set<string>()

/**
 * Takes a data folder, made if it is missing, for this process and returns the function that gives it back. A lock
 * left by a process that no longer runs is taken over. Throws when the folder is in use or cannot be written.
 */
export function lockFolder(dir: string): () => void {
  const path = resolve(dir, 'hub.lock')
  makeFolder(dir)
  const holder = readHolder(path)
  if (holder !== undefined && (holder === process.pid ? held.has(path) : isRunning(holder))) {
    throw new Error(
      `hub data ${dir}: in use by process ${holder}; stop that one, or delete ${path} if it is no event hub`,
    )
  }
  rmSync(path, { force: true })
  writeFileSync(path, String(process.pid), { flag: 'wx' })
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}

/** The process that has taken a data folder and runs; undefined where nobody has. */
export function holderOf(dir: string): number | undefined {
  const holder = readHolder(resolve(dir, 'hub.lock'))
  return holder !== undefined && isRunning(holder) ? holder : undefined
}

function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true })
    const probe = join(dir, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (cause) {
    throw new Error(`hub data ${dir}: expected a folder that can be written; fix its rights or choose another`, {
      cause,
    })
  }
}

function readHolder(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    // Signal 0 only asks whether the process is there.
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
