import type { Session, Warehouse } from './connection'
import { identifier, identifiers, relation, type Row, type Table } from './table'

/** A day's content for a table with a `date` column in its key. */
export interface DayReplacement {
  readonly table: Table
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** The day's rows, in chunks of whatever size; every one carries this date. */
  readonly rows: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>
}

/**
 * Replaces a day: afterwards the table holds exactly `rows` for that date. All or nothing, readers see the day before
 * or after, never between; running it again gives the same, and two runs for one date take turns.
 *
 * Throws, leaving the day as it was, when a row is of another date, a key comes twice, or `rows` throws.
 */
export async function replaceDay(
  warehouse: Warehouse,
  { table, date, rows }: DayReplacement,
): Promise<{ readonly rows: number }> {
  return warehouse.transaction(async (session) => {
    // Two 32-bit numbers: the table, and the day as a number of days.
    await session.query(`SELECT pg_advisory_xact_lock(hashtext($1), $2::date - DATE '2000-01-01')`, [table.name, date])
    await session.query(`DELETE FROM ${identifier(table.name)} WHERE "date" = $1::date`, [date])
    let count = 0
    for await (const chunk of rows) {
      await insert(session, { table, date, rows: chunk })
      count += chunk.length
    }
    return { rows: count }
  })
}

interface Chunk {
  readonly table: Table
  readonly date: string
  readonly rows: readonly Row[]
}

async function insert(session: Session, { table, date, rows }: Chunk): Promise<void> {
  const stray = rows.find((row) => row.date !== date)
  if (stray) {
    throw new Error(
      `warehouse: replacing ${date} in ${table.name}: expected rows of that date, got ${String(stray.date)}`,
    )
  }
  const columns = [...table.key, ...table.values]
  const source = relation(table.name, { columns, rows })
  await session.query(
    `INSERT INTO ${identifier(table.name)} (${identifiers(columns)}) SELECT ${identifiers(columns)} FROM ${source.sql}`,
    source.parameters,
  )
}
