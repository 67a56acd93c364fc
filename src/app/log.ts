import { type Log } from './ports'

/** The methods of a Functions invocation context that take a line. */
interface LineTaker {
  info(line: string): void
  warn(line: string): void
  error(line: string): void
}

/** A log that writes to whatever invocation the process is in; with the host, lines carry the invocation's id. */
export function logTo(taker: LineTaker): Log {
  return (level, line) => taker[level](line)
}
