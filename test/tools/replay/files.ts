import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of its own for the CSV files of a test. */
export function csvFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'tillstream-csv-'))
  return {
    folder,
    /** Writes a file of these lines and gives its path. */
    file: (name: string, ...lines: readonly string[]): string => {
      const path = join(folder, name)
      writeFileSync(path, `${lines.join('\n')}\n`)
      return path
    },
    bytes: (name: string, bytes: Uint8Array): string => {
      const path = join(folder, name)
      writeFileSync(path, bytes)
      return path
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
