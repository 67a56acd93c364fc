// Tested by hand: npm run generate.
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { createTruthLog, type TruthLog } from './truth'

/** A truth log into a file, one JSON object per line; troubles still open when it is closed come last. */
export function openTruthFile(file: string): { readonly log: TruthLog; readonly close: () => Promise<void> } {
  const output = createWriteStream(file)
  const done = finished(output)
  // Reported by close(): a file that cannot be written must not bring down what is being sent.
  done.catch(() => {})
  const log = createTruthLog((line) => output.write(`${line}\n`))
  return {
    log,
    close: async () => {
      log.close()
      output.end()
      await done
    },
  }
}
