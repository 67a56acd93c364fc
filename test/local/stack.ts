import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { makePlace as makeStackPlace, type Place } from '../../local/stack/place'

export { type Place }

const root = join(__dirname, '..', '..')

/** A place of its own for a stack, in which a partition soon counts as idle. */
export function makePlace(): Promise<Place> {
  return makeStackPlace({ values: { IDLE_AFTER_SECONDS: '2' } })
}

/** A command of the project as `npm run` runs it, compiled. */
export interface Running {
  readonly process: ChildProcess
  /** Resolves once stderr has said this. */
  said(text: string): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

/** Starts `dist/NAME.js`, `local/start` say, with a place's data and settings. */
export function run(name: string, place: Place, ...flags: readonly string[]): Running {
  const script = join(root, 'dist', `${name}.js`)
  const child = spawn(process.execPath, [script, '--data', place.data, '--settings', place.settings, ...flags], {
    cwd: root,
  })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, ...text }))
  return {
    process: child,
    ended,
    said: async (wanted) => {
      while (!text.stderr.includes(wanted)) {
        const over = await Promise.race([once(child.stderr, 'data').then(() => false), ended.then(() => true)])
        if (over) throw new Error(`${name}: expected it to say "${wanted}", it ended with: ${text.stderr}`)
      }
    },
  }
}

/** The JSON object on the last line. */
export function lastLine(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}
