import { AsyncLocalStorage } from 'node:async_hooks'
import { type Log } from './ports'

/** The methods of a Functions invocation context that take a line. */
interface LineTaker {
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}

/** A log of one invocation; with the host, its lines carry the invocation's id. */
export function logTo(taker: LineTaker): Log {
  return (level, line) => taker[level](line)
}

const current = new AsyncLocalStorage<Log>()
let newest: Log = () => undefined

/** Takes a log for the invocation that calls this: what it does from here on, awaited or not, `logHere` tells that log. */
export function enterLog(log: Log): void {
  newest = log
  current.enterWith(log)
}

/**
 * The log of the invocation that runs. For what outlives the one that made it: the host takes no line for an invocation
 * that is over. Outside of any, the one entered last.
 */
export const logHere: Log = (level, line) => (current.getStore() ?? newest)(level, line)
