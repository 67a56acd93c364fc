// Tested in test/local/start.test.ts.
import { Command, InvalidArgumentError } from 'commander'
import { dateOf, dayMs, isDate, startOf } from '../../src/day'
import { duration, number, portBase, wholeNumber } from '../../generator/option'

export { duration, number, wholeNumber }

/** Flags every local command takes. */
export interface CommonOptions {
  readonly data: string
  readonly settings?: string
  readonly portBase?: number
  readonly json?: true
}

/** A command with the flags every local command takes. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--data <dir>', 'folder of all local data', '.tillstream')
    .option('--settings <file>', 'settings (default: local.settings.json, else local.settings.sample.json)')
    .option('--port-base <n>', 'all services at the ports from n on, in place of those of the settings', portBase)
    .option('--json', 'print one JSON object on the last line')
}

/** Dates as `2010-12-01`, several by commas, ranges as `2010-12-01..2010-12-23`; adds to those given before. */
export function dates(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').flatMap(expand)]
}

/** One date, YYYY-MM-DD. */
export function date(text: string): string {
  return dateOf(day(text) * dayMs)
}

function expand(part: string): string[] {
  const [from = '', to = from] = part.trim().split('..')
  const [first, last] = [day(from), day(to)]
  if (first > last) throw new InvalidArgumentError(`expected a range that goes forward, got ${part}`)
  return Array.from({ length: last - first + 1 }, (_, index) => dateOf((first + index) * dayMs))
}

function day(text: string): number {
  if (!isDate(text)) throw new InvalidArgumentError(`expected YYYY-MM-DD, got "${text}"`)
  return startOf(text) / dayMs
}
