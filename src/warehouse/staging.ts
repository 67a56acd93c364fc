// Tested in test/pipeline/rebuild/rebuild.test.ts.
import { type Session, type TextRow, type Warehouse } from './connection'
import { applyIn, type LiveBatch } from './live'
import { stockoutTable } from './stockout'
import { noteStoreZones, type StoreZone } from './stores'
import { identifier, type LiveTable } from './table'

// Invariants of a refill:
// R1  A stretch is taken into the new rows by the statements that take it into the live ones: temporary tables of the
//     same names stand before those.
// R2  New rows, positions and rules take their places in one transaction, while no owner of a partition is let in.

/** What a rebuild replaces in PostgreSQL. */
export interface Refill {
  readonly stream: string
  /** Names the rules of the new rows. */
  readonly rules: string
  readonly tables: readonly LiveTable[]
  /** Windows from this instant on are replaced, epoch milliseconds; undefined: all. Alerts always all. */
  readonly fromMs: number | undefined
}

/** New rows of every live table, in temporary tables: invisible to readers and writers until they are swapped in. */
export interface Staging {
  /** How far each partition has come in the rows to be replaced; grows until `hold`. */
  positions(): Promise<ReadonlyMap<number, number>>
  /** Partitions that have windows which begin before `fromMs` and stay. */
  staying(): Promise<ReadonlySet<number>>
  /** Takes a stretch of a partition, which must follow the one before it. */
  take(batch: LiveBatch): Promise<void>
  /** Keeps all writers of the stream out until the work is done; returns how far each partition has come. */
  hold(): Promise<ReadonlyMap<number, number>>
  /**
   * Puts the new rows in the place of the old and raises the positions to theirs. `late` changes, up to those positions,
   * windows that stay. Call `hold` first; no position may be beyond the new ones.
   */
  swap(late: readonly LiveBatch[]): Promise<void>
}

/**
 * Fills the live tables anew while readers and writers go on with the old rows: `work` takes the log stretch by stretch
 * and swaps at its end. Readers see the old rows or the new ones, in all tables at once. When `work` throws, or the
 * process dies, everything stays as it was. One transaction, on one connection, for as long as the work takes.
 */
export function refill<T>(warehouse: Warehouse, refilled: Refill, work: (staging: Staging) => Promise<T>): Promise<T> {
  return warehouse.transaction(async (session) => {
    // No timeouts: the transaction lasts as long as the rebuild, and blocks writers only at its end.
    await session.query('SET LOCAL statement_timeout = 0')
    await session.query('SET LOCAL idle_in_transaction_session_timeout = 0')
    await checkAlone(session, refilled)
    for (const name of [...namesOf(refilled), 'sink_position']) {
      const table = identifier(name)
      await session.query(`CREATE TEMPORARY TABLE ${table} (LIKE public.${table} INCLUDING ALL) ON COMMIT DROP`)
    }
    return work(stagingIn(session, refilled))
  })
}

function namesOf({ tables }: Refill): readonly string[] {
  return [...tables.map(({ name }) => name), stockoutTable.name]
}

/** Throws when the database has rows of another stream: rows do not name theirs, so those would be replaced too. */
async function checkAlone(session: Session, { stream }: Refill): Promise<void> {
  const [other] = await session.query('SELECT stream FROM sink_position WHERE stream <> $1 LIMIT 1', [stream])
  if (!other) return
  throw new Error(
    `warehouse: expected rows of stream "${stream}" alone, got "${other.stream}" as well; give each stream a database`,
  )
}

function stagingIn(session: Session, refilled: Refill): Staging {
  const { stream, fromMs, tables } = refilled
  const zones = new Map<string, StoreZone>()
  const select = 'SELECT partition_id, sequence FROM public.sink_position WHERE stream = $1'
  return {
    positions: async () => positionsIn(await session.query(select, [stream])),
    hold: async () => {
      // The whole table: a partition that had no row yet must not get one either. Readers are let through.
      await session.query('LOCK TABLE public.sink_position IN EXCLUSIVE MODE')
      return positionsIn(await session.query(select, [stream]))
    },
    staying: async () => {
      if (fromMs === undefined) return new Set()
      const found = new Set<number>()
      for (const { name } of tables) {
        const rows = await session.query(
          `SELECT DISTINCT partition_id FROM public.${identifier(name)} WHERE window_start < $1`,
          [new Date(fromMs).toISOString()],
        )
        for (const row of rows) found.add(Number(row.partition_id))
      }
      return found
    },
    take: async (batch) => {
      // Stores have no rows of their own here, and those there are would be locked for as long as the work takes.
      for (const zone of batch.zones ?? []) zones.set(`${zone.storeId} ${zone.zone}`, newer(zones, zone))
      await applyIn(session, { ...batch, zones: [] })
    },
    swap: async (late) => {
      await swapIn(session, refilled, late)
      await noteStoreZones(session, [...zones.values()])
    },
  }
}

/** Of what is known of a store's zone and what is said, the later. */
function newer(known: ReadonlyMap<string, StoreZone>, said: StoreZone): StoreZone {
  const before = known.get(`${said.storeId} ${said.zone}`)
  return before && before.saidMs > said.saidMs ? before : said
}

function positionsIn(rows: readonly TextRow[]): ReadonlyMap<number, number> {
  return new Map(rows.map((row) => [Number(row.partition_id), Number(row.sequence)]))
}

async function swapIn(session: Session, refilled: Refill, late: readonly LiveBatch[]): Promise<void> {
  const { stream, rules, fromMs, tables } = refilled
  // From here on the names mean the live tables again.
  await session.query('SET LOCAL search_path TO public, pg_temp')
  await session.query('UPDATE sink_position SET rules = $2 WHERE stream = $1', [stream, rules])
  for (const batch of late) await applyIn(session, batch)
  const from = fromMs === undefined ? undefined : new Date(fromMs).toISOString()
  for (const { name } of tables) {
    await exchange(session, name, from === undefined ? undefined : { sql: 'window_start >= $1', parameters: [from] })
  }
  await exchange(session, stockoutTable.name)
  await session.query(
    `INSERT INTO sink_position (stream, partition_id, sequence, rules)
     SELECT stream, partition_id, sequence, rules FROM pg_temp.sink_position
     ON CONFLICT (stream, partition_id) DO UPDATE
     SET sequence = excluded.sequence, rules = excluded.rules, updated_at = now()`,
  )
}

async function exchange(
  session: Session,
  name: string,
  { sql, parameters }: { readonly sql: string; readonly parameters: readonly unknown[] } = {
    sql: 'true',
    parameters: [],
  },
): Promise<void> {
  const table = identifier(name)
  await session.query(`DELETE FROM ${table} WHERE ${sql}`, parameters)
  // LIKE has made the columns in the same order.
  await session.query(`INSERT INTO ${table} SELECT * FROM pg_temp.${table} WHERE ${sql}`, parameters)
}
