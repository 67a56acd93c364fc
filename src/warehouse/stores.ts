import { isZone } from '../business/zone'
import { fillCalendars, markStale } from './business-days'
import { type Session } from './connection'
import { type ColumnSpec, identifiers, relation } from './table'

/** What a file says of a store; what it does not say is null. */
export interface StoreRecord {
  readonly storeId: string
  readonly name: string | null
  /** IANA name; null: what events of the store say, else the installation's. */
  readonly zone: string | null
  /** `HH:MM`; null: the installation's. */
  readonly dayStart: string | null
  readonly region: string | null
  readonly city: string | null
  /** ISO 4217; has to be the installation's. */
  readonly currency: string | null
}

/** A store as the database has it. */
export interface Store extends StoreRecord {
  /** Who said the zone. */
  readonly source: 'file' | 'stream'
}

/** The zone of a store as an event said it. */
export interface StoreZone {
  readonly storeId: string
  /** IANA name, which Node need not know. */
  readonly zone: string
  /** Time of the event, epoch milliseconds. */
  readonly saidMs: number
}

/** Every store of the list, by its name. */
export async function readStores(session: Session): Promise<readonly Store[]> {
  const rows = await session.query(
    `SELECT store_id, name, zone, day_start, region, city, currency, source FROM stores ORDER BY store_id COLLATE "C"`,
  )
  return rows.map((row) => ({
    storeId: row.store_id ?? '',
    name: row.name ?? null,
    zone: row.zone ?? null,
    dayStart: row.day_start ?? null,
    region: row.region ?? null,
    city: row.city ?? null,
    currency: row.currency ?? null,
    source: row.source === 'file' ? 'file' : 'stream',
  }))
}

const recordColumns: readonly ColumnSpec[] = [
  { name: 'store_id', type: 'text' },
  { name: 'name', type: 'text' },
  { name: 'zone', type: 'text' },
  { name: 'day_start', type: 'text' },
  { name: 'region', type: 'text' },
  { name: 'city', type: 'text' },
  { name: 'currency', type: 'text' },
]

/**
 * Puts what a file says into the list, in a transaction of the caller's; other stores stay. A zone stands against
 * whatever events say; where the file says none, theirs does. Days of stores that go by another calendar now are stale.
 * Returns those stores. Throws when a store comes twice or a zone is unknown.
 */
export async function writeStores(session: Session, records: readonly StoreRecord[]): Promise<readonly string[]> {
  const rows = records.map((record) => ({
    store_id: record.storeId,
    name: record.name,
    zone: record.zone,
    day_start: record.dayStart,
    region: record.region,
    city: record.city,
    currency: record.currency,
  }))
  const source = relation('stores', { columns: recordColumns, rows })
  return changing(
    session,
    rows.map(({ store_id: storeId }) => storeId),
    () =>
      session.query(
        `INSERT INTO stores AS s (${identifiers(recordColumns)}, source, said_at)
       SELECT ${identifiers(recordColumns)}, 'file', now() FROM ${source.sql} ORDER BY store_id
       ON CONFLICT (store_id) DO UPDATE SET
         name = excluded.name, day_start = excluded.day_start, region = excluded.region, city = excluded.city,
         currency = excluded.currency,
         zone = CASE WHEN excluded.zone IS NULL AND s.source = 'stream' THEN s.zone ELSE excluded.zone END,
         source = CASE WHEN excluded.zone IS NULL THEN s.source ELSE 'file' END,
         said_at = CASE WHEN excluded.zone IS NULL AND s.source = 'stream' THEN s.said_at ELSE excluded.said_at END`,
        source.parameters,
      ),
  )
}

const zoneColumns: readonly ColumnSpec[] = [
  { name: 'store_id', type: 'text' },
  { name: 'zone', type: 'text' },
  { name: 'said_at', type: 'timestamptz' },
]

/** What became of zones that events said. */
export interface NotedZones {
  /** Stores that go by another calendar now. */
  readonly changed: readonly string[]
  /** Zones Node does not know; they were passed over. */
  readonly unknown: readonly string[]
}

/**
 * Takes the zones that events say, in a transaction of the caller's: the newest event of a store counts, and of two at
 * one time the zone that is later by name, whatever order they come in and however often. A file's zone stands. Days of
 * stores that go by another calendar now are stale.
 */
export async function noteStoreZones(session: Session, said: readonly StoreZone[]): Promise<NotedZones> {
  const unknown = [...new Set(said.map(({ zone }) => zone))].filter((zone) => !isZone(zone))
  const rows = said
    .filter(({ zone }) => !unknown.includes(zone))
    .map(({ storeId, zone, saidMs }) => ({ store_id: storeId, zone, said_at: saidMs }))
  if (rows.length === 0) return { changed: [], unknown }
  const source = relation('stores', { columns: zoneColumns, rows })
  const ids = [...new Set(rows.map(({ store_id: storeId }) => storeId))]
  const changed = await changing(session, ids, () =>
    session.query(
      `INSERT INTO stores AS s (store_id, zone, said_at, source)
       SELECT DISTINCT ON (store_id) store_id, zone, said_at, 'stream' FROM ${source.sql}
       ORDER BY store_id, said_at DESC, zone COLLATE "C" DESC
       ON CONFLICT (store_id) DO UPDATE SET zone = excluded.zone, said_at = excluded.said_at, source = 'stream'
       WHERE s.zone IS NULL
         OR s.source = 'stream' AND (s.said_at, s.zone COLLATE "C") < (excluded.said_at, excluded.zone COLLATE "C")`,
      source.parameters,
    ),
  )
  return { changed, unknown }
}

/** Does what may change calendars of stores, and all that follows from it. Returns the stores whose calendar is another. */
async function changing(
  session: Session,
  ids: readonly string[],
  change: () => Promise<unknown>,
): Promise<readonly string[]> {
  const before = await calendarsOf(session, ids)
  await change()
  const after = await calendarsOf(session, ids)
  const changed = [...after.keys()].filter((id) => after.get(id) !== before.get(id))
  if (changed.length > 0) {
    await markStale(session, { stores: changed })
    await fillCalendars(session, 'missing')
  }
  return changed
}

/** The calendar each of these stores goes by, by store. */
export async function calendarsOf(session: Session, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query(
    'SELECT store_id, calendar_of(store_id) AS calendar FROM unnest($1::text[]) AS store_id',
    [ids],
  )
  return new Map(rows.map(({ store_id: id, calendar }) => [id ?? '', calendar ?? '']))
}
