// Tested in test/tools/replay/replay.test.ts.
import { createInterface } from 'node:readline/promises'

/** Asks a question on the terminal that Enter answers with yes; false for anything but yes, and when told to stop. */
export async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${question} [Y/n] `, { signal })
    return /^(y(es)?)?$/i.test(answer.trim())
  } catch (error) {
    if (signal.aborted) return false
    throw error
  } finally {
    terminal.close()
  }
}
