// Tested in test/local/heap.test.ts.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { InvalidArgumentError } from 'commander'

/** Mebibytes of a size such as `1g` or `512m`. */
export function mebibytes(text: string): number {
  const [, number, unit] = /^([1-9]\d*)(m|g)$/i.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('expected a size such as 512m or 1g')
  return Number(number) * (unit?.toLowerCase() === 'g' ? 1024 : 1)
}

const flag = '--max-old-space-size'

/** Whether this process has to start over to get so large a heap and no larger: V8 takes its limit at the start only. */
export function wantsOtherHeap(heapMb: number | undefined): heapMb is number {
  if (heapMb === undefined) return false
  return !process.execArgv.includes(`${flag}=${heapMb}`)
}

/** Runs this command in a process with such a heap, until it ends or is told to stop; ends with its exit code. */
export async function startWithHeap(heapMb: number, stopping: AbortSignal): Promise<void> {
  const [, ...script] = process.argv
  const nodeFlags = [...process.execArgv.filter((given) => !given.startsWith(flag)), `${flag}=${heapMb}`]
  const child = spawn(process.execPath, [...nodeFlags, ...script], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  // A terminal tells both of Ctrl-C, which they take for one; anybody else tells this process only.
  stopping.addEventListener('abort', () => child.kill('SIGINT'))
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  if (signal !== null) console.error(`start: ended by ${signal}; where the heap was too small, give it more (--heap)`)
  process.exitCode = code ?? 1
}

/** Stops this process when the one that gave it its heap is gone: an orphan would keep its ports. */
export function stopWithParent(): void {
  if (!process.connected) return
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}
