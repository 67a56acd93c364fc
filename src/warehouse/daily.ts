import { type Session } from './connection'
import { identifier, identifiers, relation, type Row, type Table } from './table'

/** Rows in chunks of whatever size. */
export type Chunks = AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>

/** A day's content for a table with a `date` column in its key. */
export interface DayReplacement {
  readonly table: Table
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** The day's rows; every one carries this date. */
  readonly rows: Chunks
}

/**
 * Replaces a day in a transaction of the caller's: afterwards the table holds exactly `rows` for that date. Running it
 * again gives the same, and two transactions that replace the same day take turns. Returns how many rows there are.
 *
 * Throws when a row is of another date, a key comes twice, or `rows` throws.
 */
export async function replaceDay(session: Session, { table, date, rows }: DayReplacement): Promise<number> {
  // Two 32-bit numbers: the table, and the day as a number of days.
  await session.query(`SELECT pg_advisory_xact_lock(hashtext($1), $2::date - DATE '2000-01-01')`, [table.name, date])
  await session.query(`DELETE FROM ${identifier(table.name)} WHERE "date" = $1::date`, [date])
  let count = 0
  for await (const chunk of rows) {
    const stray = chunk.find((row) => row.date !== date)
    if (stray) {
      throw new Error(
        `warehouse: replacing ${date} in ${table.name}: expected rows of that date, got ${String(stray.date)}`,
      )
    }
    await insert(session, { table, into: identifier(table.name), rows: chunk })
    count += chunk.length
  }
  return count
}

/**
 * Replaces a whole table in a transaction of the caller's: afterwards it holds exactly `rows`, where those that stay as
 * they are have not been touched. Returns how many rows there are. Throws when a key comes twice, or `rows` throws.
 */
export async function replaceAll(
  session: Session,
  { table, rows }: { readonly table: Table; readonly rows: Chunks },
): Promise<number> {
  const name = identifier(table.name)
  const fresh = identifier(`fresh_${table.name}`)
  await session.query(`CREATE TEMPORARY TABLE ${fresh} (LIKE ${name} INCLUDING INDEXES) ON COMMIT DROP`)
  let count = 0
  for await (const chunk of rows) {
    await insert(session, { table, into: fresh, rows: chunk })
    count += chunk.length
  }
  const same = table.key.map((column) => `f.${identifier(column.name)} = t.${identifier(column.name)}`).join(' AND ')
  await session.query(`ANALYZE ${fresh}`)
  await session.query(`DELETE FROM ${name} AS t WHERE NOT EXISTS (SELECT FROM ${fresh} AS f WHERE ${same})`)
  const set = table.values.map((column) => `${identifier(column.name)} = excluded.${identifier(column.name)}`)
  await session.query(
    `INSERT INTO ${name} AS t SELECT * FROM ${fresh} ON CONFLICT (${identifiers(table.key)}) DO UPDATE SET ${set.join(', ')}
     WHERE (${identifiers(table.values, 't.')}) IS DISTINCT FROM (${identifiers(table.values, 'excluded.')})`,
  )
  return count
}

async function insert(
  session: Session,
  { table, into, rows }: { readonly table: Table; readonly into: string; readonly rows: readonly Row[] },
): Promise<void> {
  if (rows.length === 0) return
  const columns = [...table.key, ...table.values]
  const source = relation(table.name, { columns, rows })
  await session.query(
    `INSERT INTO ${into} (${identifiers(columns)}) SELECT ${identifiers(columns)} FROM ${source.sql}`,
    source.parameters,
  )
}
