// Tested in test/local/host/hooks.test.ts.
import { describeError, type Log } from './core'

/**
 * Keeps what user code throws outside its own call stack, from an unhandled rejection or a callback, from ending this
 * process, and logs it as critical: in Azure it ends the worker, and with it every invocation in flight. Returns
 * the undo.
 */
export function catchStrays(log: Log): () => void {
  const onStray = (kind: string) => (error: unknown) => {
    const meaning = 'in Azure this ends the worker and fails every invocation in flight'
    log({ level: 'critical', category: 'Worker.system', message: `${kind}; ${meaning}: ${describeError(error).stack}` })
  }
  const onRejection = onStray('unhandled rejection')
  const onException = onStray('uncaught exception')
  process.on('unhandledRejection', onRejection)
  process.on('uncaughtException', onException)
  return () => {
    process.off('unhandledRejection', onRejection)
    process.off('uncaughtException', onException)
  }
}
