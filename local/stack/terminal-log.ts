import { differenceOf, isOfSettings } from './rules-difference'

/** A line of the host's log, as far as a terminal shows it. */
export interface LogLine {
  readonly level: string
  readonly source: string
  readonly message: string
}

/** A batch that is tried again fails alike each time; said after so long, it is news that it still does. */
const againAfterMs = 600_000

/**
 * Picks what a terminal shows out of a host's log, which has all of it: warnings and errors, each on one line without
 * its stack, and once in ten minutes however often it comes. That rules differ is said once: whatever partition and
 * table says so, one rebuild mends it.
 */
export function terminalLog(
  say: (line: string) => void,
  { clock = Date.now }: { readonly clock?: () => number } = {},
): (line: LogLine) => void {
  const saidMs = new Map<string, number>()
  const sayOnce = (kind: string, text: string, againMs: number): void => {
    const nowMs = clock()
    if (nowMs - (saidMs.get(kind) ?? -Infinity) < againMs) return
    saidMs.set(kind, nowMs)
    say(text)
  }
  return ({ level, source, message }) => {
    if (level !== 'warning' && level !== 'error' && level !== 'critical') return
    const reason = reasonIn(message)
    const rules = rulesIn(reason)
    if (rules !== undefined) sayOnce('rules', `${source}: ${rules}`, Infinity)
    // Why it is tried again was the line before.
    else if (!isRetry(reason))
      sayOnce(`${source} ${reason.replace(/[\da-f]{8}-[-\da-f]{27}|\d+/g, '#')}`, textOf(source, reason), againAfterMs)
  }
}

/** The first line of what a function threw, without the host's words around it. */
function reasonIn(message: string): string {
  const [line = ''] = message.split('\n')
  return line.replace(/^Executed '[^']*' \(Failed, [^)]*\): (?:Error: )?/, '')
}

function isRetry(reason: string): boolean {
  return /: retry \d+ of /.test(reason)
}

/** A function's name is often the first word of what it says. */
function textOf(source: string, reason: string): string {
  return reason.startsWith(`${source}:`) ? reason : `${source}: ${reason}`
}

/** What to do where rows were folded by other rules; undefined where a message says something else. */
function rulesIn(reason: string): string | undefined {
  const [, found, wanted] = /w(?:as|ere) folded by "([^"]*)", th(?:is is|ese by) "([^"]*)"/.exec(reason) ?? []
  if (found !== undefined && wanted !== undefined) {
    const difference = differenceOf(found, wanted) ?? 'folded by other rules'
    return `waits: the rows are ${difference}; run npm run rebuild${isOfSettings(difference) ? ', or set it back' : ''}`
  }
  if (/npm run rebuild|; rebuild them/.test(reason)) return `waits: ${reason}`
  return undefined
}
