import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { reasonOf } from '../src/reason'
import { installationOf } from '../src/app/installation'
import { command, type CommonOptions, date, wholeNumber } from '../local/cli/options'
import { runCommand, stopSignal } from '../local/cli/run'
import { type At, parseAt } from './query/at'
import { gridOf } from './query/grid'
import { withLake } from './query/open-lake'
import { withWarehouse } from './query/open-warehouse'
import { paintFor } from './query/paint'
import { printableLines } from './query/printable'
import { reportJson, reportPage } from './query/report/report'
import { type Session, withSession } from './query/session'
import { runShell } from './query/shell'
import { allStatements } from './query/statements'
import { columnsOf } from './query/terminal'
import { jsonAnswer, printableJson, writeCsv, writeParquetFile } from './query/write'
import { type LocalSettings, readLocalSettings } from '../local/stack/settings-file'

interface QueryOptions extends CommonOptions {
  readonly at?: string
  readonly csv?: true
  readonly parquet?: string
  readonly file?: string
  readonly limit?: number
  readonly report?: true
  readonly date?: string
}

interface Outcome {
  readonly ok: boolean
  /** Of `--parquet`. */
  readonly file?: string
  /** How many with `--parquet`, else the rows themselves. */
  readonly rows?: unknown
}

const program = command('query', 'Asks the lake in SQL (DuckDB), or shows the figures of a day.')
  .argument('[sql]', 'a statement; without one and without a file, statements are asked for one by one')
  .option('--at <version|time>', 'as the tables were: 57, or 2010-12-01T08:30:00Z (UTC unless it has a zone)')
  .option('--csv', 'write CSV')
  .option('--parquet <file>', 'write a Parquet file')
  .option('--file <file>', 'read the statements from a file, - for stdin')
  .option('--limit <rows>', 'rows at most, 0 for all (default: 100 for people, else all)', wholeNumber({ from: 0 }))
  .option('--report', 'the figures of a day on one page')
  .option('--date <date>', 'the business day of --report (default: the newest with sales)', date)
  .parse()

const options = program.opts<QueryOptions>()
const stopping = stopSignal()
const shownRows = 100
const pageWidth = 80
const { stdin, stdout, stderr } = process
const paint = paintFor(stdout)
const columns = () => (stdout.isTTY ? columnsOf(stdout) : undefined)

/** What the environment says about the lake goes before the file, so that one of many lakes is a word away. */
function settingsOf() {
  const local = readLocalSettings(options.settings, options.portBase)
  const given = Object.entries(process.env).filter(([name]) =>
    /^(LAKE_URL|AZURE_CLIENT_ID|CURRENCY|(POSTGRES|BUSINESS|FISCAL)_[A-Z_]+)$/.test(name),
  )
  return { ...local, values: { ...local.values, ...(Object.fromEntries(given) as Record<string, string>) } }
}

async function query(): Promise<Outcome> {
  checkOptions()
  const settings = settingsOf()
  if (options.report) return report(settings)
  const at = options.at === undefined ? undefined : parseAt(options.at)
  const statements = await statementsGiven()
  return withLake({ settings, dataDir: options.data }, (store) =>
    withSession(
      store,
      async (session) => {
        stopping.addEventListener('abort', () => session.interrupt())
        if (!statements) return shell(session, { settings, at })
        return answer(session, { statements, at })
      },
      { signal: stopping, progress },
    ),
  )
}

function checkOptions(): void {
  const { csv, json, parquet, report: page, date: day, file } = options
  const [sql] = program.args
  if (csv && (json || parquet !== undefined)) throw new Error('query: expected one of --csv, --json and --parquet')
  if (page && (csv || parquet !== undefined)) throw new Error('query: expected --report alone or with --json')
  if (page && options.at !== undefined) {
    throw new Error('query: --report is of now, as PostgreSQL has it; --at goes with SQL, which asks the lake')
  }
  if (page && (sql !== undefined || file !== undefined)) throw new Error('query: expected SQL or --report, got both')
  if (day !== undefined && !page) throw new Error('query: --date goes with --report')
  if (sql !== undefined && file !== undefined) throw new Error('query: expected SQL or --file, got both')
}

/** The statements to answer; undefined where they are to be asked for. */
async function statementsGiven(): Promise<readonly string[] | undefined> {
  const [sql] = program.args
  const { file, csv, json, parquet } = options
  const isSingle = csv || json || parquet !== undefined
  if (sql === undefined && file === undefined && !isSingle) return undefined
  const given = sql ?? (file === undefined || file === '-' ? await text(stdin) : await readFile(file, 'utf8'))
  const statements = allStatements(given)
  if (statements.length === 0) throw new Error('query: expected a statement, got none')
  if (isSingle && statements.length > 1) {
    throw new Error(`query: expected one statement with --csv, --json and --parquet, got ${statements.length}`)
  }
  return statements
}

async function answer(
  session: Session,
  { statements, at }: { readonly statements: readonly string[]; readonly at: At | undefined },
): Promise<Outcome> {
  const [first = ''] = statements
  const { limit } = options
  if (options.parquet !== undefined) {
    const rows = await writeParquetFile(session, first, { file: options.parquet, at })
    stderr.write(`${rows} rows written to ${options.parquet}\n`)
    return { ok: true, file: options.parquet, rows }
  }
  if (options.json) return jsonAnswer(await session.ask(first, { at }), limit === undefined ? {} : { limit })
  if (options.csv) {
    await writeCsv(await session.ask(first, { at }), stdout, limit === undefined ? {} : { limit })
    return { ok: true }
  }
  for (const sql of statements) {
    const limits = { rows: limit ?? shownRows, columns: columns() }
    stdout.write(`${(await gridOf(await session.ask(sql, { at }), { limits, paint })).text}\n`)
  }
  return { ok: true }
}

async function report(settings: LocalSettings): Promise<Outcome> {
  return withWarehouse({ settings, dataDir: options.data }, async (warehouse, parsed) => {
    const wanted = { date: options.date, settings: installationOf(parsed) }
    if (options.json) return reportJson(warehouse, wanted)
    stdout.write(`${await reportPage(warehouse, wanted, { width: columns() ?? pageWidth, paint })}\n`)
    return { ok: true }
  })
}

async function shell(
  session: Session,
  { settings, at }: { readonly settings: LocalSettings; readonly at: At | undefined },
): Promise<Outcome> {
  const page = (day: string | undefined) =>
    withWarehouse({ settings, dataDir: options.data }, (warehouse, parsed) =>
      reportPage(warehouse, { date: day, settings: installationOf(parsed) }, { width: columns() ?? pageWidth, paint }),
    )
  const { failed } = await runShell(session, {
    input: stdin,
    output: stdout,
    paint,
    historyFile: join(options.data, 'query-history'),
    limit: options.limit ?? shownRows,
    at,
    report: (day) => page(day === undefined ? undefined : date(day)),
  })
  // A person has seen each error and gone on; a script wants to know.
  return { ok: failed === 0 || stdin.isTTY }
}

function progress(line: string): void {
  if (stderr.isTTY) stderr.write(`\r\x1b[K${line}\r`)
}

/** Errors quote values of the lake; a terminal must not obey them. */
async function printed(): Promise<Outcome> {
  try {
    const outcome = await query()
    return stdout.isTTY ? (printableJson(outcome) as Outcome) : outcome
  } catch (error) {
    if (stderr.isTTY) stderr.write('\x1b[K')
    throw new Error(printableLines(reasonOf(error)), { cause: error })
  }
}

void runCommand({ json: options.json === true, print: () => undefined }, printed)
