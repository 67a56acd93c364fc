// Tested in test/local/status-line.test.ts.
import { openStatusLine } from '../status-line'
import { type Pipe, untilCaughtUp } from './caught-up'

/** Seconds between lines where there is no terminal to write in place. */
const everyMs = 3000

/** `untilCaughtUp`, saying what is waited for and how far it is: on one line of a terminal, elsewhere every few seconds. */
export async function waitForPostgres(
  pipe: Pipe,
  { patienceMs, signal }: { readonly patienceMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const line = openStatusLine({ everyMs })
  let most = 0
  try {
    await untilCaughtUp(pipe, {
      ...(patienceMs !== undefined && { patienceMs }),
      ...(signal && { signal }),
      onLag: (left) => {
        most = Math.max(most, left)
        if (most > 0) line.show(lagText(left, most))
      },
    })
  } finally {
    line.stop()
  }
}

/** Messages PostgreSQL has not taken yet, of the most there were. */
export function lagText(left: number, most: number): string {
  const count = (value: number) => value.toLocaleString('en-GB')
  return `waiting for PostgreSQL: ${count(left)} of ${count(most)} messages left`
}
