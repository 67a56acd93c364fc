import { reasonOf } from '../../../src/reason'
import { startHost, type Host, type HostStart } from '../../../local/host/host'

/**
 * Runs one Functions host in a process of its own and reports to the test that forked it: user code meets the real
 * `require` and the real `process`, and can be killed.
 */
let host: Host | undefined

process.on('message', (message: { kind: string; options?: HostStart; name?: string }) => {
  void handle(message).catch((error: unknown) => {
    process.send?.({ kind: 'error', message: reasonOf(error) })
  })
})

async function handle({
  kind,
  options,
  name = '',
}: {
  kind: string
  options?: HostStart
  name?: string
}): Promise<void> {
  switch (kind) {
    case 'start':
      if (!options) return
      host = await startHost({
        ...options,
        log: (entry) => process.send?.({ kind: 'log', ...entry }),
        onInvocation: ({ functionName, outcome, retryCount }) =>
          process.send?.({ kind: 'invocation', functionName, outcome, retryCount }),
      })
      process.send?.({ kind: 'started', port: host.port, functions: host.functions })
      return
    case 'invoke':
      await host?.invoke(name)
      process.send?.({ kind: 'invoked', name })
      return
    case 'restart':
      await host?.close()
      return handle({ kind: 'start', ...(options ? { options } : {}) })
    case 'close':
      await host?.close()
      process.send?.({ kind: 'closed' }, () => process.disconnect())
      return
  }
}
