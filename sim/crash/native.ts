// Tested in test/sim/crash/simulation.test.ts.
import files from 'node:fs/promises'
import { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/*
 * Checkpoints and compactions are made by DuckDB, on threads of its own and in files on this machine's disk: no port,
 * nothing a fault could strike, and done sooner or later. The simulation has to know when, for what a process does next
 * must not depend on how fast that was.
 */

let underWay = 0
let finished: (() => void)[] = []

/** Waits for native work that is under way; false when there was none. */
export async function nativeWork(): Promise<boolean> {
  if (underWay === 0) return false
  await new Promise<void>((resolve) => finished.push(resolve))
  return true
}

type Asynchronous = (this: unknown, ...parameters: unknown[]) => Promise<unknown>

/** Counts the calls of an owner's function, for as long as the process lives. */
function watch(owner: object, name: string): void {
  const functions = owner as Record<string, Asynchronous>
  const real = functions[name]
  if (!real) throw new Error(`simulation: expected a function ${name}, found none; has DuckDB changed?`)
  functions[name] = function (...parameters) {
    underWay++
    return real.apply(this, parameters).finally(() => {
      underWay--
      if (underWay > 0) return
      const waiting = finished
      finished = []
      for (const resolve of waiting) resolve()
    })
  }
}

for (const name of ['appendFile', 'mkdtemp', 'readFile', 'rm', 'writeFile']) watch(files, name)
watch(DuckDBInstance, 'create')
watch(DuckDBInstance.prototype, 'connect')
for (const name of ['run', 'runAndReadAll', 'stream']) watch(DuckDBConnection.prototype, name)
