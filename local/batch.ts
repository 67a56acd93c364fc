import { openPorts } from '../src/app/ports'
import { parseSettings } from '../src/config/settings'
import { dailyPorts, dayBefore, type DayReport, runDay } from '../src/pipeline/daily'
import { command, type CommonOptions, dates } from './cli/options'
import { runCommand } from './cli/run'
import { readLocalSettings } from './stack/settings-file'
import { withServices } from './stack/use'

interface BatchOptions extends CommonOptions {
  readonly date?: readonly string[]
}

const program = command('batch', 'Recomputes days of gold_daily_sales from bronze, into Delta and PostgreSQL.')
  .option('--date <dates>', 'YYYY-MM-DD, several by commas, ranges as FROM..TO (default: yesterday, UTC)', dates)
  .parse()
const options = program.opts<BatchOptions>()

async function batch(): Promise<{ ok: boolean; days: readonly DayReport[] }> {
  const settings = readLocalSettings(options.settings)
  return withServices({ settings, dataDir: options.data }, async () => {
    const ports = await openPorts(parseSettings(settings.values), () => undefined)
    try {
      const days: DayReport[] = []
      for (const date of options.date ?? [dayBefore(Date.now())]) {
        const day = await runDay(dailyPorts(ports), date)
        console.error(`${date}  ${day.rows} rows  ${day.sales} sales  ${day.duplicates} duplicates  ${day.files} files`)
        days.push(day)
      }
      return { ok: true, days }
    } finally {
      await ports.close()
    }
  })
}

void runCommand({ json: options.json === true }, batch)
