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
    const message = error instanceof Error ? error.message : String(error)
    console.error(message)
    if (json) console.log(JSON.stringify({ ok: false, error: message }))
    process.exitCode = 1
  }
}

/** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process where it stands. */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}
