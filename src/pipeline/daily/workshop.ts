// Tested in test/pipeline/daily/run.test.ts.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DuckDBConnection } from '@duckdb/node-api'
import { calendarId } from '../../business/calendar'
import { startOf } from '../../day'
import { sqlText, withDuckDb } from '../../lake/duckdb'
import { type Calendars, rangeOf, spansOf } from './days'
import { type DailyPorts } from './ports'
import { eventTable, macros, type ReceiptRules } from './event-table'
import { shareMacro, views } from './queries'

/** Where days are made: DuckDB on this machine's disk, bounded in memory. */
export interface Workshop {
  readonly connection: DuckDBConnection
  readonly folder: string
  /** Which data files the tables of `known` hold, by table; they stay from one day to the next. */
  readonly known: Map<string, Set<string>>
  readonly rowsPerShare: number
  readonly rules: ReceiptRules
}

/*
 * DuckDB counts what its buffers hold and not what it needs besides, about as much again at worst, and two threads
 * share it; Node comes on top.
 */
const memoryLimit = '400MB'
const threads = 2

/** Does work in a workshop of its own, which is gone with all its files afterwards. */
export async function withWorkshop<T>(
  {
    thresholds,
    rowsPerShare = 2_000_000,
    installation,
    productKinds,
  }: Pick<DailyPorts, 'thresholds' | 'rowsPerShare' | 'installation' | 'productKinds'>,
  work: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  return withDuckDb(
    async ({ connection, folder }) => {
      const { topProducts, loyalPurchases, premiumSpendCents, standardSpendCents } = thresholds
      await connection.run('SET preserve_insertion_order = false')
      await setVariables(connection, {
        top_products: topProducts,
        loyal_purchases: loyalPurchases,
        premium_spend: premiumSpendCents,
        standard_spend: standardSpendCents,
        // Times this, what is spent is hundredths of a currency unit times 10,000.
        spend_scale: 10 ** (6 - installation.minorDigits),
      })
      await connection.run(`ATTACH ${sqlText(join(folder, 'known.duckdb'))} AS known`)
      await connection.run('CREATE TABLE known.store_calendar (store_id VARCHAR, calendar VARCHAR)')
      const rules = { minorDigits: installation.minorDigits, productKinds }
      return work({ connection, folder, known: new Map(), rowsPerShare, rules })
    },
    { memoryLimit, threads },
  )
}

/** Makes the queries go by these calendars. */
export async function goBy({ connection }: Workshop, { usual, own }: Calendars): Promise<void> {
  await connection.run(`SET VARIABLE default_calendar = ${sqlText(calendarId(usual))}`)
  await connection.run('DELETE FROM known.store_calendar')
  const rows = [...own].map(([store, calendar]) => `(${sqlText(store)}, ${sqlText(calendarId(calendar))})`)
  if (rows.length > 0) await connection.run(`INSERT INTO known.store_calendar VALUES ${rows.join(', ')}`)
}

/** Does work with an empty database for a day's events and tables, which is the one that bare names mean meanwhile. */
export async function withDay<T>(
  workshop: Workshop,
  { date, calendars }: { readonly date: string; readonly calendars: Calendars },
  work: () => Promise<T>,
): Promise<T> {
  const { connection, folder, rules } = workshop
  const file = join(folder, 'day.duckdb')
  const { startMs, endMs } = rangeOf(calendars, date)
  await goBy(workshop, calendars)
  await connection.run(`ATTACH ${sqlText(file)} AS day`)
  try {
    await connection.run('USE day')
    await setVariables(connection, { day: startOf(date), load_start: startMs, load_end: endMs })
    for (const statement of [...macros(rules), shareMacro, eventTable, ...views]) await connection.run(statement)
    const spans = spansOf(calendars, date).map((span) => `(${sqlText(span.calendar)}, ${span.startMs}, ${span.endMs})`)
    await connection.run(`INSERT INTO day_span VALUES ${spans.join(', ')}`)
    return await work()
  } finally {
    await connection.run('USE memory')
    await connection.run('DETACH day')
    // Space that tables leave is not given back otherwise.
    await rm(file, { force: true })
  }
}

/** Does work once for each of as many shares as so many rows make; `mine` is true of what falls into the share. */
export async function byShare(
  { connection, rowsPerShare }: Workshop,
  rows: number,
  work: (share: number) => Promise<unknown>,
): Promise<void> {
  const shares = Math.max(1, Math.ceil(rows / rowsPerShare))
  for (let share = 0; share < shares; share++) {
    await setVariables(connection, { share, shares })
    await work(share)
  }
}

async function setVariables(connection: DuckDBConnection, values: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await connection.run(`SET VARIABLE ${name} = ${value}::BIGINT`)
}
