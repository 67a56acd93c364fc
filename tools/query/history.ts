// Tested in test/tools/query/text.test.ts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

const keptLines = 1000

/** Lines entered in earlier sessions, the newest first, as `node:readline` wants them; none when there is no file. */
export function readHistory(file: string): string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .reverse()
}

/** Keeps lines for later sessions, the newest first, readable by nobody else. */
export function writeHistory(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    [...lines]
      .slice(0, keptLines)
      .reverse()
      .map((line) => `${line}\n`)
      .join(''),
    { mode: 0o600 },
  )
}

/**
 * Makes one entry of a statement that took several lines, so that one key brings it back whole: the newest line, already in
 * the history, is joined to what was entered before it. A line with a comment in it stays by itself, since a comment ends
 * with its line.
 */
export function joinNewest(history: string[], before: string): void {
  const [newest] = history
  const pending = before.trim()
  if (newest === undefined || pending === '' || pending.includes('--') || history[1] !== oneLine(pending)) return
  history.splice(0, 2, `${history[1]} ${newest.trim()}`)
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
}
