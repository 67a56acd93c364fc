// Tested in test/local/start.test.ts.
import { openPorts } from '../src/app/ports'
import { parseSettings } from '../src/config/settings'
import { dailyPorts } from '../src/pipeline/daily/ports'
import { type DayReport, runDays, runDue, takeRules } from '../src/pipeline/daily/run'
import { command, type CommonOptions, dates } from '../local/cli/options'
import { runCommand } from '../local/cli/run'
import { readLocalSettings } from '../local/stack/settings-file'
import { withServices } from '../local/stack/use'

interface BatchOptions extends CommonOptions {
  readonly date?: readonly string[]
}

const program = command('batch', 'Makes days of the gold tables from bronze, in Delta and PostgreSQL.')
  .option(
    '--date <dates>',
    'YYYY-MM-DD, several by commas, ranges as FROM..TO (default: every business day that is over and missing, changed or made by other days)',
    dates,
  )
  .parse()
const options = program.opts<BatchOptions>()

async function batch(): Promise<{ ok: boolean; days: readonly DayReport[] }> {
  const local = readLocalSettings(options.settings, options.portBase)
  return withServices({ settings: local, dataDir: options.data }, async () => {
    const settings = parseSettings(local.values)
    const ports = await openPorts(settings, () => undefined)
    try {
      const daily = dailyPorts(ports, settings.thresholds)
      for (const { what, is, wanted } of await takeRules(daily)) {
        console.error(`${what}: were ${is}, are ${wanted} from now on; days made before are made again`)
      }
      if (options.date) return { ok: true, days: await runDays(daily, options.date, show) }
      // All due days: the limit is there for the timer, whose function must end in time.
      return { ok: true, days: (await runDue(daily, { most: Infinity, done: show })).days }
    } finally {
      await ports.close()
    }
  })
}

function show({ date, events, sales, duplicates, files, rows }: DayReport): void {
  const written = Object.values(rows).reduce((sum, count) => sum + count, 0)
  console.error(`${date}  ${written} rows  ${events} events  ${sales} sales  ${duplicates} duplicates  ${files} files`)
}

function print({ days }: Awaited<ReturnType<typeof batch>>): void {
  const [first, last] = [days[0]?.date, days.at(-1)?.date]
  if (first === undefined || last === undefined) console.log('batch: no day is due, nothing was written')
  else if (days.length === 1) console.log(`batch: ${first} made`)
  else console.log(`batch: ${days.length} days made, ${first} to ${last}`)
}

void runCommand({ json: options.json === true, print }, batch)
