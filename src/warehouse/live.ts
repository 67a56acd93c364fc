import { type Session, type TextRow, type Warehouse } from './connection'
import { applyStockouts, type StockoutChange } from './stockout'
import { noteStoreZones, type StoreZone } from './stores'
import {
  columnsOf,
  identifier,
  identifiers,
  primaryKeyOf,
  relation,
  rowNumber,
  type ColumnSpec,
  type Derived,
  type LiveTable,
  type Merge,
  type Row,
  type ValueColumn,
} from './table'

/** A row with the sequence number, within its partition, of the last event in it. */
export type LiveRow = Row & { readonly sequence: number }

/** Rows for one table. */
export interface TableRows {
  readonly table: LiveTable
  readonly rows: readonly LiveRow[]
}

/**
 * What one batch of one partition changes. An EventData is never split between batches, so a position is a sequence
 * number; `sequence` is the batch's last.
 */
export interface LiveBatch {
  readonly stream: string
  readonly partition: number
  readonly sequence: number
  /** Names the rules the batch was folded by; rows of others are not added to. */
  readonly rules: string
  /** Whole rows as they are now. */
  readonly upserts: readonly TableRows[]
  /** What to add to rows that are complete: late corrections. */
  readonly additions: readonly TableRows[]
  readonly stockouts: readonly StockoutChange[]
  /** Zones of stores that events of the batch say; absent: none. */
  readonly zones?: readonly StoreZone[]
}

/**
 * Takes a batch, all or nothing, and returns the position up to which the partition is in. Each effect is taken once,
 * whatever is redelivered, in batches however split, by however many owners at once: an upsert replaces only a row of
 * a lower sequence; additions count only above the stored position, which rises in the same transaction and whose row
 * lets one owner of a partition in at a time.
 *
 * An addition is merged into each column as the table says, and makes the row where there is none. Rows are a partition's
 * own: what one partition does never meets another's rows, whatever store they are of.
 * Throws, having changed nothing, when the partition's rows were folded by other rules.
 */
export async function applyBatch(warehouse: Warehouse, batch: LiveBatch): Promise<{ readonly position: number }> {
  try {
    return await warehouse.transaction((session) => applyIn(session, batch))
  } catch (cause) {
    const { stream, partition, sequence } = batch
    const place = `stream ${stream} partition ${partition} up to sequence ${sequence}`
    throw new Error(`warehouse: batch of ${place} not taken: ${(cause as Error).message}`, { cause })
  }
}

/** As `applyBatch`, in a transaction of the caller's. */
export async function applyIn(session: Session, batch: LiveBatch): Promise<{ readonly position: number }> {
  const position = await holdPosition(session, batch)
  for (const { table, rows } of inLockOrder(batch.upserts)) await upsert(session, { table, rows, batch })
  for (const { table, rows } of inLockOrder(batch.additions)) {
    const news = rows.filter(({ sequence }) => sequence > position)
    await add(session, { table, rows: news, batch })
  }
  await applyStockouts(session, batch)
  if (batch.zones) await noteStoreZones(session, batch.zones)
  if (batch.sequence <= position) return { position }
  await session.query(
    'UPDATE sink_position SET sequence = $3, updated_at = now() WHERE stream = $1 AND partition_id = $2',
    [batch.stream, batch.partition, batch.sequence],
  )
  return { position: batch.sequence }
}

/** Tables by name, as rows within one are by key: two transactions never wait for each other in a circle. */
const inLockOrder = (tables: readonly TableRows[]) =>
  tables.toSorted(({ table: a }, { table: b }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

const selectPosition = 'SELECT sequence, rules FROM sink_position WHERE stream = $1 AND partition_id = $2'

/** Reads the partition's position and keeps its other owners out until the transaction ends. */
async function holdPosition(session: Session, { stream, partition, rules }: LiveBatch): Promise<number> {
  const [row] = await session.query(`${selectPosition} FOR UPDATE`, [stream, partition])
  if (row) return positionUnder(rules, row)
  await session.query(
    'INSERT INTO sink_position (stream, partition_id, sequence, rules) VALUES ($1, $2, -1, $3) ON CONFLICT DO NOTHING',
    [stream, partition, rules],
  )
  // Read again: another owner may have made the row, and gone on, between the two statements.
  const [made] = await session.query(`${selectPosition} FOR UPDATE`, [stream, partition])
  return positionUnder(rules, made ?? {})
}

function positionUnder(rules: string, row: TextRow): number {
  if (row.rules === rules) return Number(row.sequence)
  throw new Error(`its rows were folded by "${row.rules}", these by "${rules}"; rebuild them`)
}

/** The sequence number up to which every row of the partition is in, or undefined before the first batch. */
export async function readPosition(
  warehouse: Warehouse,
  { stream, partition }: { readonly stream: string; readonly partition: number },
): Promise<number | undefined> {
  return (await readSink(warehouse, { stream, partition }))?.sequence
}

/** How far a partition has come in this database, and the rules that folded its rows, '' when none are recorded. */
export interface SinkPosition {
  readonly sequence: number
  readonly rules: string
}

/** A partition's position and rules, or undefined before the first batch. */
export async function readSink(
  warehouse: Warehouse,
  { stream, partition }: { readonly stream: string; readonly partition: number },
): Promise<SinkPosition | undefined> {
  const [row] = await warehouse.query(selectPosition, [stream, partition])
  return row && { sequence: Number(row.sequence), rules: row.rules ?? '' }
}

interface Change extends TableRows {
  readonly batch: LiveBatch
}

const sequenceColumn: ColumnSpec = { name: 'sequence', type: 'bigint' }

async function upsert(session: Session, { table, rows, batch }: Change): Promise<void> {
  if (rows.length === 0) return
  const key = identifiers(table.key)
  const changed = columnsOf(table).filter(({ name }) => !primaryKeyOf(table).some((part) => part.name === name))
  const source = relation(table.name, { columns: [...table.key, ...table.values, sequenceColumn], rows, first: 2 })
  const derived = (table.derived ?? []).map((column) => `, ${derivedSql(column, (name) => `r.${name}`)}`)
  await session.query(
    `INSERT INTO ${identifier(table.name)} AS t (${identifiers(columnsOf(table))})
     SELECT DISTINCT ON (${key}) ${identifiers([...table.key, ...table.values])}${derived.join('')}, $1::integer, sequence
     FROM ${source.sql}
     ORDER BY ${key}, sequence DESC
     ON CONFLICT (${identifiers(primaryKeyOf(table))}) DO UPDATE
     SET (${identifiers(changed)}) = ROW (${identifiers(changed, 'excluded.')})
     WHERE t.sequence < excluded.sequence`,
    [batch.partition, ...source.parameters],
  )
}

async function add(session: Session, { table, rows, batch }: Change): Promise<void> {
  if (rows.length === 0) return
  const key = identifiers(table.key)
  const source = relation(table.name, { columns: [...table.key, ...table.values, sequenceColumn], rows, first: 2 })
  const merged = table.values.map((column) => `${mergeAll(column)} AS ${identifier(column.name)}`)
  const sums = [key, ...merged, 'max(sequence) AS sequence'].join(', ')
  const derived = table.derived ?? []
  const inserted = derived.map((column) => `, ${derivedSql(column, (name) => `r.${name}`)}`)
  const values = new Map(table.values.map((column) => [identifier(column.name), mergeTwo(column)]))
  const updated = [
    ...Array.from(values, ([name, sql]) => `${name} = ${sql}`),
    ...derived.map(
      (column) => `${identifier(column.name)} = ${derivedSql(column, (name) => values.get(name) ?? name)}`,
    ),
    'sequence = greatest(t.sequence, excluded.sequence)',
  ]
  await session.query(
    `INSERT INTO ${identifier(table.name)} AS t (${identifiers(columnsOf(table))})
     SELECT ${identifiers([...table.key, ...table.values])}${inserted.join('')}, $1::integer, sequence
     FROM (SELECT ${sums} FROM ${source.sql} GROUP BY ${key}) AS r
     ORDER BY ${key}
     ON CONFLICT (${identifiers(primaryKeyOf(table))}) DO UPDATE SET ${updated.join(', ')}`,
    [batch.partition, ...source.parameters],
  )
}

const mergeOf: Record<ColumnSpec['type'], Merge> = {
  bigint: 'sum',
  integer: 'sum',
  numeric: 'sum',
  boolean: 'or',
  text: 'greatest',
  timestamptz: 'greatest',
  date: 'greatest',
  bytea: 'union',
}

/** One value of many additions to one key. */
function mergeAll({ name, type, merge = mergeOf[type] }: ValueColumn): string {
  const column = identifier(name)
  if (typeof merge === 'object') {
    return `(array_agg(${column} ORDER BY ${identifier(merge.latestBy)} DESC NULLS LAST, ${rowNumber} DESC))[1]`
  }
  const aggregate = { sum: 'sum', or: 'bool_or', least: 'min', greatest: 'max', union: 'sketch_merge' }[merge]
  // The sum of bigints is a numeric to PostgreSQL.
  return `${aggregate}(${column})::${type}`
}

/** The value of a row after an addition. */
function mergeTwo({ name, type, merge = mergeOf[type] }: ValueColumn): string {
  const [old, more] = [`t.${identifier(name)}`, `excluded.${identifier(name)}`]
  if (typeof merge === 'object') {
    const at = identifier(merge.latestBy)
    return `CASE WHEN t.${at} > excluded.${at} THEN ${old} ELSE coalesce(${more}, ${old}) END`
  }
  return {
    sum: `${old} + ${more}`,
    or: `${old} OR ${more}`,
    least: `least(${old}, ${more})`,
    greatest: `greatest(${old}, ${more})`,
    union: `sketch_union(${old}, ${more})`,
  }[merge]
}

/** A derived column, from the values that `valueOf` gives for columns; PostgreSQL rounds a tie away from zero. */
function derivedSql(derived: Derived, valueOf: (column: string) => string): string {
  if (derived.kind === 'estimate') return `sketch_estimate(${valueOf(identifier(derived.of))})`
  const { numerator, denominator, times = 1, scale } = derived
  const [n, d] = [valueOf(identifier(numerator)), valueOf(identifier(denominator))]
  return `round(${times} * (${n})::numeric / nullif(${d}, 0), ${scale})`
}
