// Tested in test/local/start.test.ts.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Preset } from '../../generator/places'

/** The simulated shops of a data folder, and how far they have come. */
export interface WorldNote {
  readonly world: Preset
  readonly seed: number
  /** Newest event time sent, ISO 8601. */
  readonly eventTime: string
}

const name = 'world.json'

/** The note of a data folder; undefined where no shops have sent anything yet. */
export function readWorld(dataDir: string): WorldNote | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, name), 'utf8')) as WorldNote
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`${join(dataDir, name)}: expected the JSON that npm start writes; delete it, or restore it`, {
      cause: error,
    })
  }
}

/** Puts a note in place of the former one; a process killed meanwhile leaves either. */
export function writeWorld(dataDir: string, note: WorldNote): void {
  const file = join(dataDir, name)
  writeFileSync(`${file}.new`, `${JSON.stringify(note)}\n`)
  renameSync(`${file}.new`, file)
}

/**
 * The shops a start goes on with: those of the folder's note, else those asked for, else small with seed 1. Throws,
 * naming both, when others are asked for: their stores have the same names, so their sales would be added up.
 */
export function chooseWorld(
  dataDir: string,
  asked: { readonly world?: Preset | undefined; readonly seed?: number | undefined },
): { readonly world: Preset; readonly seed: number; readonly sentMs: number } {
  const note = readWorld(dataDir)
  if (note === undefined) return { world: asked.world ?? 'small', seed: asked.seed ?? 1, sentMs: -Infinity }
  const wanted = { world: asked.world ?? note.world, seed: asked.seed ?? note.seed }
  if (wanted.world !== note.world || wanted.seed !== note.seed) {
    throw new Error(
      `data directory ${dataDir}: its sales are of --world ${note.world} --seed ${note.seed}, ` +
        `got --world ${wanted.world} --seed ${wanted.seed}, whose stores have the same names; ` +
        'leave the flags out to go on, or begin with others in --data DIR',
    )
  }
  return { ...wanted, sentMs: Date.parse(note.eventTime) }
}
