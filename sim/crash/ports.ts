// Tested in test/sim/crash/simulation.test.ts.
import { type Message } from '../../src/event/message'
import { type Store } from '../../src/lake/store'
import { type Session, type Warehouse } from '../../src/warehouse/connection'
import { type Locks } from './locks'
import { type Call, type Scheduler } from './scheduler'

/** Who makes the calls, and who decides when they are answered. */
export interface Caller {
  readonly process: number
  readonly scheduler: Scheduler
}

/** A store each of whose calls is a step. */
export function steppedStore(store: Store, { process, scheduler }: Caller): Store {
  const call = <T>(text: string, apply: () => Promise<T>, more: Partial<Call> = {}) =>
    scheduler.call<T>({ process, text, writes: false, apply, ...more })
  return {
    read: (path, range) => call(`read ${path}`, () => store.read(path, range)),
    list: (prefix, options) => call(`list ${prefix}`, () => store.list(prefix, options)),
    put: (path, bytes) =>
      call(`put ${path}`, () => store.put(path, bytes), {
        writes: true,
        tear: () => store.put(path, bytes.slice(0, bytes.byteLength / 2)),
      }),
    rename: (from, to) => call(`rename ${to}`, () => store.rename(from, to), { writes: true }),
    remove: (path) => call(`remove ${path}`, () => store.remove(path), { writes: true }),
  }
}

/** Reading back from a partition of the hub, a page of two messages per step. */
export function steppedHub(logs: readonly (readonly Message[])[], { process, scheduler }: Caller) {
  return async function* (partition: number, { first, last }: { first: number; last: number }) {
    const held = (logs[partition] ?? []).filter(({ sequence }) => sequence >= first && sequence <= last)
    for (let from = 0; from === 0 || from < held.length; from += 2) {
      const page = held.slice(from, from + 2)
      const text = `read back ${partition}: ${page.map(({ sequence }) => sequence).join(', ')}`
      yield await scheduler.call<readonly Message[]>({
        process,
        text,
        writes: false,
        apply: () => Promise.resolve(page),
      })
    }
  }
}

/** A real database whose statements and commits are steps; a transaction of a dead process is rolled back. */
export function steppedWarehouse(real: Warehouse, locks: Locks, { process, scheduler }: Caller): Warehouse {
  const transaction = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const open = await scheduler.call<Open>({ process, text: 'begin', writes: false, apply: () => begin(real) })
    locks.opened(process, open.rollBack)
    const end = () => locks.closed(process, open.rollBack)
    const query: Session['query'] = (statement, parameters = []) => {
      const lock = locks.wanted(statement, parameters)
      return scheduler.call({
        process,
        text: `query ${statement.trim().slice(0, 60)}`,
        writes: !/^\s*SELECT/.test(statement),
        ...(lock !== undefined && { lock }),
        apply: async () => {
          const rows = await open.session.query(statement, parameters)
          if (lock !== undefined && locks.takes(statement, rows)) locks.take(lock, process, open.rollBack)
          return rows
        },
      })
    }
    try {
      const result = await work({ query })
      await scheduler.call({
        process,
        text: 'commit',
        writes: true,
        apply: () => open.commit().finally(end),
      })
      return result
    } catch (error) {
      await scheduler.call({
        process,
        text: 'roll back',
        writes: false,
        unnumbered: true,
        apply: () => open.rollBack().finally(end),
      })
      throw error
    }
  }
  return {
    query: (statement, parameters) =>
      scheduler.call({
        process,
        text: `query ${statement.trim().slice(0, 60)}`,
        writes: !/^\s*SELECT/.test(statement),
        apply: () => real.query(statement, parameters),
      }),
    transaction,
    pages: () => {
      throw new Error('simulation: expected no paged reads in the pipeline')
    },
    close: () => Promise.resolve(),
  }
}

interface Open {
  readonly session: Session
  readonly commit: () => Promise<void>
  /** Does nothing after the end of the transaction. */
  readonly rollBack: () => Promise<void>
}

const rolledBack = new Error('rolled back by the simulation')

/** A transaction of the real database held open until told how to end. */
async function begin(real: Warehouse): Promise<Open> {
  let release: (error?: Error) => void = () => undefined
  const ended = new Promise<void>((resolve, reject) => {
    release = (error) => (error ? reject(error) : resolve())
  })
  let opened: (session: Session) => void = () => undefined
  const session = new Promise<Session>((resolve) => {
    opened = resolve
  })
  const outcome = real.transaction((inside) => {
    opened(inside)
    return ended
  })
  const first = await Promise.race([session, outcome])
  if (!first) throw new Error('simulation: expected a transaction, got its end')
  return {
    session: first,
    commit: () => {
      release()
      return outcome
    },
    rollBack: async () => {
      release(rolledBack)
      await outcome.catch(() => undefined)
    },
  }
}
