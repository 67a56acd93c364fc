import { type DuckDBConnection } from '@duckdb/node-api'
import { dateOf, dayMs, isDate, startOf } from '../../day'
import { reasonOf } from '../../reason'
import { prepareAppend } from '../../lake/write/append'
import { type AddFile } from '../../lake/log/action'
import { type FileView } from '../../lake/scan'
import { type Cell, type Row } from '../../lake/schema'
import { refresh } from '../../lake/table'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { type Session } from '../../warehouse/connection'
import { replaceAll, replaceDay } from '../../warehouse/daily'
import { holdCalendars } from '../../warehouse/business-days'
import { type DayEntry, lockDailyBatch, noteDay, readBook, readCalendars, readScan } from '../../warehouse/daily-book'
import { changeInstallation, type Difference, differenceText, takeInstallation } from '../../warehouse/installation'
import { positionsOf } from '../position'
import { type Calendars, calendarsOf, lastDateOver, lastEnd, rangeOf } from './days'
import { dueDates, fingerprints, isOwed } from './due'
import { know } from './known'
import { loadDay, type Loaded } from './load'
import { beginRun, replaceFiles } from './mark'
import { dailyTable, type DailyPorts } from './ports'
import { type DailyTable, dailyTables, goldDailySales, warehouseTable } from './tables'
import { preparations, tallies } from './queries'
import { byShare, withDay, withWorkshop, type Workshop } from './workshop'

/** What a run did. */
export interface DayReport extends Loaded {
  readonly date: string
  /** Rows of the day by table; of gold_customers all there are. */
  readonly rows: Readonly<Record<string, number>>
}

/** What is due, and what was done about it. */
export interface DueReport {
  readonly days: readonly DayReport[]
  /** Days that are due and were left to the next time. */
  readonly left: number
}

/** Days of gold that an estimate of lost sales looks at. */
const trailingDays = 28

/**
 * Makes business days of gold from bronze with DuckDB, an engine that shares no code with the fold, and replaces them in
 * the lake and in PostgreSQL, there in one transaction for each day. An event is of the date it has by the calendar of its
 * store. Doing it again gives the same; a day without events becomes empty. An event id counts once, the first by time of
 * arrival. Runs take turns, wherever they are. A date is YYYY-MM-DD; anything else throws before anything is read, and so do
 * settings that say other days than the figures are made by. `done` is told of each day when it is complete.
 */
export async function runDays(
  ports: DailyPorts,
  dates: readonly string[],
  done: (day: DayReport) => void = () => undefined,
): Promise<readonly DayReport[]> {
  const wrong = dates.find((date) => !isDate(date))
  if (wrong !== undefined) throw new Error(`daily batch: expected a date YYYY-MM-DD, got "${wrong}"`)
  await ports.warehouse.transaction((session) => checkRules(ports, session))
  return withWorkshop(ports, async (workshop) => {
    const days: DayReport[] = []
    for (const date of dates) {
      const day = await runDay(ports, workshop, { date, isWanted: () => true })
      if (!day) continue
      days.push(day)
      done(day)
    }
    return days
  })
}

/**
 * Takes over the days and the fiscal calendar of the settings where the figures are made by others, an operator's decision,
 * and returns what has changed: days made by others are due then. Throws, having changed nothing, where the currency is
 * another.
 */
export async function takeRules({ warehouse, installation }: DailyPorts): Promise<readonly Difference[]> {
  return warehouse.transaction(async (session) => {
    await lockDailyBatch(session)
    return changeInstallation(session, installation)
  })
}

/** Throws, naming what differs, where the settings say other days or another currency than the figures are made by. */
async function checkRules({ installation }: DailyPorts, session: Session): Promise<void> {
  const differences = await takeInstallation(session, installation)
  if (differences.length > 0) throw new Error(`daily batch: ${differences.map(differenceText).join('. ')}`)
}

/**
 * Makes what is due when it is time: when a day of some store has ended since bronze was last looked through, or the book
 * has days that are owed. Undefined when it is not. For a timer that strikes every hour, for days end at any of them.
 */
export async function runOnTime(ports: DailyPorts): Promise<DueReport | undefined> {
  const isTime = await ports.warehouse.transaction(async (session) => {
    await checkRules(ports, session)
    const calendars = calendarsOf(await readCalendars(session))
    const nowMs = ports.clock()
    const scan = await readScan(session)
    if (!scan || scan.scannedMs < lastEnd(calendars, nowMs)) return true
    const upTo = lastDateOver(calendars, nowMs)
    return (await readBook(session)).some((entry) => entry.date <= upTo && isOwed(entry))
  })
  return isTime ? runDue(ports) : undefined
}

/**
 * Makes the days that are due, oldest first and at most so many: every day that is over in all stores, has events and was
 * never made, that has got events since, that was made by other days or rules, or that a run was stopped in. A day that
 * fails does not keep the others waiting; throws at the end, naming those that did.
 */
export async function runDue(
  ports: DailyPorts,
  { most = 31, done = () => undefined }: { readonly most?: number; readonly done?: (day: DayReport) => void } = {},
): Promise<DueReport> {
  const { warehouse, clock, log } = ports
  return withWorkshop(ports, async (workshop) => {
    const due = await warehouse.transaction(async (session) => {
      await lockDailyBatch(session)
      await checkRules(ports, session)
      const calendars = calendarsOf(await readCalendars(session))
      return dueDates(ports, workshop, { session, calendars, upTo: lastDateOver(calendars, clock()) })
    })
    const left = Math.max(0, due.length - most)
    if (left > 0) log('warn', `daily batch: ${due.length} days are due, ${left} of them wait for the next run`)
    const days: DayReport[] = []
    const failed: { readonly date: string; readonly error: unknown }[] = []
    for (const { date, made } of due.slice(0, most)) {
      // Another run may have made the day since.
      const isWanted = (now: DayEntry | undefined) => now?.made?.run === made?.run
      try {
        const day = await runDay(ports, workshop, { date, isWanted })
        if (!day) continue
        days.push(day)
        done(day)
      } catch (error) {
        failed.push({ date, error })
        log('error', `daily batch ${date}: ${reasonOf(error)}`)
      }
    }
    if (failed.length === 0) return { days, left }
    const dates = failed.map(({ date }) => date).join(', ')
    throw new Error(`daily batch: ${dates} failed, the next run tries again`, { cause: failed[0]?.error })
  })
}

async function runDay(
  ports: DailyPorts,
  workshop: Workshop,
  { date, isWanted }: { readonly date: string; readonly isWanted: (now: DayEntry | undefined) => boolean },
): Promise<DayReport | undefined> {
  try {
    const report = await ports.warehouse.transaction(async (session) => {
      await lockDailyBatch(session)
      const [entry] = await readBook(session, date)
      return isWanted(entry) ? makeDay(ports, workshop, { session, date }) : undefined
    })
    if (report) announce(occurrenceNames.dailyBatch, total(report), { day: date, outcome: 'finished' })
    return report
  } catch (error) {
    announce(occurrenceNames.dailyBatch, 0, { day: date, outcome: 'failed' })
    throw error
  }
}

interface Making {
  /** A transaction that holds the lock. */
  readonly session: Session
  readonly date: string
}

async function makeDay(ports: DailyPorts, workshop: Workshop, { session, date }: Making): Promise<DayReport> {
  const calendars = calendarsOf(await readCalendars(session))
  return withDay(workshop, { date, calendars }, async () => {
    const beganMs = ports.clock()
    const bronze = await refresh(ports.bronze)
    const loaded = await loadDay(ports, workshop, { bronze, ...rangeOf(calendars, date) })
    const alerts = (await fingerprints(ports, workshop, { dates: [date], calendars }))(date)
    await knowGold(ports, workshop, date)
    await makeTables(workshop)
    const run = await writeDay(ports, workshop, date)
    const rows: Record<string, number> = {}
    for (const daily of dailyTables) rows[daily.spec.name] = await replaceIn(session, workshop, { daily, date })
    const stores = await storesOf(workshop)
    const stale = await haveMoved(session, calendars)
    const report = { date, ...loaded, rows }
    await noteDay(session, {
      date,
      run,
      beganMs,
      readUpTo: positionsOf(bronze, ports.stream, { others: 'passed over' }),
      alerts,
      bronzeVersion: bronze.version,
      events: loaded.events,
      duplicates: loaded.duplicates,
      rows: total(report),
      stores,
      stale,
    })
    ports.log('info', `daily batch ${date}: ${loaded.sales} sales from ${loaded.files} files, ${total(report)} rows`)
    return report
  })
}

/** Stores that have events in the day. */
async function storesOf({ connection }: Workshop): Promise<readonly string[]> {
  const result = await connection.runAndReadAll('SELECT DISTINCT store_id FROM event ORDER BY store_id')
  return result.getRows().map(([store]) => String(store))
}

/** Whether stores have come to go by other days than these; they keep to theirs from here to the transaction's end. */
async function haveMoved(session: Session, calendars: Calendars): Promise<boolean> {
  await holdCalendars(session)
  return calendarsOf(await readCalendars(session)).id !== calendars.id
}

/** Runs the queries of all tables. */
async function makeTables(workshop: Workshop): Promise<void> {
  const { connection } = workshop
  for (const statement of preparations) await connection.run(statement)
  const counted = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM step) + (SELECT count(*) FROM known.gold_daily_customers)`,
  )
  const rows = Number(counted.getRows()[0]?.[0])
  const tallied = Object.entries(tallies).map(([name, query]) => ({ name, query, runs: 'by-share' as const }))
  const tables = dailyTables.map(({ spec, query, runs }) => ({ name: spec.name, query, runs }))
  for (const { name, query, runs } of [...tallied, ...tables]) {
    await byShare(workshop, runs === 'once' ? 0 : rows, (share) =>
      connection.run(share === 0 ? `CREATE TABLE ${name} AS ${query}` : `INSERT INTO ${name} ${query}`),
    )
  }
}

/** Rows of the day in all tables. */
function total({ rows }: Pick<DayReport, 'rows'>): number {
  const ofDay = dailyTables.filter(({ holds }) => holds === 'day')
  return ofDay.reduce((sum, { spec }) => sum + (rows[spec.name] ?? 0), 0)
}

/** Brings the gold of other days that the queries read into the workshop. */
async function knowGold(ports: DailyPorts, workshop: Workshop, date: string): Promise<void> {
  const from = dateOf(startOf(date) - (trailingDays - 1) * dayMs)
  const isTrailing = ({ partition }: FileView) => String(partition.date) >= from && String(partition.date) < date
  const isOther = ({ partition }: FileView) => partition.date !== date
  const wanted: Readonly<Record<string, Pick<Parameters<typeof know>[1], 'where' | 'columns'>>> = {
    [goldDailySales.name]: {
      where: isTrailing,
      columns: ['date', 'store_id', 'product_id', 'total_qty', 'total_revenue'],
    },
    gold_daily_store: { where: isTrailing, columns: ['date', 'store_id', 'total_transactions'] },
    gold_daily_customers: { where: isOther },
  }
  for (const { spec } of dailyTables) {
    const rows = wanted[spec.name]
    if (rows) await know(workshop, { spec, table: dailyTable(ports, spec.name), ...rows })
  }
}

/** Replaces the day in the lake, table by table; returns the number of the run. */
async function writeDay(ports: DailyPorts, { connection }: Workshop, date: string): Promise<number> {
  const run = await beginRun(ports, date)
  for (const daily of dailyTables) {
    const table = dailyTable(ports, daily.spec.name)
    const adds: AddFile[] = []
    for await (const rows of gathered(rowsOf(connection, daily, date), cellsPerFile / daily.spec.schema.columns.length))
      adds.push(...(await prepareAppend(table, rows)).adds)
    await replaceFiles(table, {
      adds,
      isOld: (file) => daily.holds === 'all' || file.partitionValues.date === date,
      date,
      run,
    })
  }
  return run
}

/** Cells of a file: they are all in memory while it is written, and more. */
const cellsPerFile = 200_000

/** Chunks joined until they have so many rows: small ones would leave small files. */
async function* gathered(chunks: AsyncIterable<readonly Row[]>, rowCount: number): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = []
  for await (const chunk of chunks) {
    rows.push(...chunk)
    if (rows.length < rowCount) continue
    yield rows
    rows = []
  }
  if (rows.length > 0) yield rows
}

async function replaceIn(
  session: Session,
  { connection, rules }: Workshop,
  { daily, date }: { readonly daily: DailyTable; readonly date: string },
): Promise<number> {
  const table = warehouseTable(daily, rules.minorDigits)
  const rows = rowsOf(connection, daily, date)
  return daily.holds === 'all' ? replaceAll(session, { table, rows }) : replaceDay(session, { table, date, rows })
}

/** What a query gave, in the order of the table's key. */
async function* rowsOf(
  connection: DuckDBConnection,
  { spec: { name, schema }, key }: DailyTable,
  date: string,
): AsyncGenerator<readonly (Row & { readonly date?: string })[]> {
  const columns = schema.columns.filter((column) => column.name !== 'date').map((column) => column.name)
  const order = key.filter((column) => column !== 'date')
  const result = await connection.stream(`SELECT ${columns.join(', ')} FROM ${name} ORDER BY ${order.join(', ')}`)
  const dated = schema.partitionBy.includes('date') ? { date } : {}
  for await (const rows of result.yieldRowObjects()) {
    yield rows.map((row) => ({
      ...dated,
      ...Object.fromEntries(columns.map((column) => [column, cellOf(row[column])])),
    }))
  }
}

function cellOf(value: unknown): Exclude<Cell, Uint8Array> {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value
  if (value === null) return null
  throw new Error(`daily batch: expected a text, a number, true or false, got ${typeof value}`)
}
