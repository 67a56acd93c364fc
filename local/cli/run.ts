// Tested in test/local/start.test.ts.
import { reasonOf } from '../../src/reason'

/**
 * Runs a command's work and turns its outcome into an exit code: 0 when it says ok, 1 when it does not or throws. With
 * `json` the outcome is the last line of stdout, also of a failure.
 */
export async function runCommand<T extends { readonly ok: boolean }>(
  { json, print }: { readonly json: boolean; readonly print?: (outcome: T) => void },
  work: () => Promise<T>,
): Promise<void> {
  try {
    const outcome = await work()
    if (json) console.log(JSON.stringify(outcome))
    else print?.(outcome)
    process.exitCode = outcome.ok ? 0 : 1
  } catch (error) {
    const message = messageOf(error)
    console.error(message)
    if (json) console.log(JSON.stringify({ ok: false, error: message }))
    process.exitCode = 1
  }
}

/** What an error says; one that stands for several says what they say. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return reasonOf(error)
}

/** npm passes Ctrl-C on to a process that the terminal has told already: signals this close together are one. */
const oneSignalMs = 1000

/** Aborted by the first Ctrl-C, SIGTERM or SIGHUP; a further Ctrl-C or SIGTERM ends the process where it stands. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  let abortedMs = Infinity
  const abort = () => {
    if (!controller.signal.aborted) abortedMs = Date.now()
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (Date.now() - abortedMs > oneSignalMs) process.exit(130)
      abort()
    })
  }
  process.on('SIGHUP', abort)
  // A terminal that is gone takes no more status lines; that is no reason to stop halfway through stopping.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return controller.signal
}
