// Tested in test/sim/crash/simulation.test.ts.
import { type TextRow } from '../../src/warehouse/connection'

/**
 * Who holds the row of `sink_position` that lets one owner of a partition in at a time, and which transactions are
 * open. The scheduler has to know: a statement that waits for a lock in the database would stop the simulation.
 */
export interface Locks {
  /** The lock a statement would wait for. */
  readonly wanted: (statement: string, parameters: readonly unknown[]) => string | undefined
  /** Whether a statement that wanted a lock has got it: a row that is not there cannot be locked. */
  readonly takes: (statement: string, rows: readonly TextRow[]) => boolean
  readonly take: (lock: string, process: number, transaction: Transaction) => void
  readonly holderOf: (lock: string) => number | undefined
  readonly opened: (process: number, transaction: Transaction) => void
  readonly closed: (process: number, transaction: Transaction) => void
  /** Ends what a process that died has left open, as the server does when the connection breaks. */
  readonly rollBackAll: (process: number) => Promise<void>
}

/** A transaction, known by the way to roll it back. */
type Transaction = () => Promise<void>

export function openLocks(): Locks {
  const held = new Map<string, { readonly process: number; readonly transaction: Transaction }>()
  const open = new Map<number, Set<Transaction>>()
  const closed = (process: number, transaction: Transaction) => {
    open.get(process)?.delete(transaction)
    for (const [lock, holder] of held) if (holder.transaction === transaction) held.delete(lock)
  }
  return {
    wanted: (statement, parameters) =>
      isLocking(statement) ? `${String(parameters[0])}/${String(parameters[1])}` : undefined,
    takes: (statement, rows) => statement.startsWith('INSERT') || rows.length > 0,
    take: (lock, process, transaction) => held.set(lock, { process, transaction }),
    holderOf: (lock) => held.get(lock)?.process,
    opened: (process, transaction) => {
      const transactions = open.get(process) ?? new Set()
      open.set(process, transactions.add(transaction))
    },
    closed,
    rollBackAll: async (process) => {
      for (const transaction of open.get(process) ?? []) {
        await transaction()
        closed(process, transaction)
      }
    },
  }
}

function isLocking(statement: string): boolean {
  return /sink_position/.test(statement) && /FOR UPDATE|^INSERT/.test(statement)
}
