// Tested in test/tools/doctor.test.ts and doctor/judge.test.ts.
import { readCsvMap } from '../../generator/csv/source'
import { zoneOffset } from '../../generator/csv/local-time'
import { dayMs } from '../../src/day'
import { readSources } from '../replay/sources'
import { type Check, type Finding, ok, warn } from './check'
import { withWarehouse } from './postgres'
import { type Subject } from './subject'

/**
 * Whether the engines have the same rules of time zones. Only Node says which release it has; the others are asked how
 * far each zone is ahead of UTC, week by week, this year and the next.
 */
export const timeZoneChecks: readonly Check[] = [
  { group: 'machine', name: 'time zones', needs: ['packages'], run: checkDuckDb, fix: 'run npm ci' },
  {
    group: 'postgres',
    name: 'zones of postgres',
    needs: ['server'],
    run: checkPostgres,
    fix: 'look at the time zone files of the server (pg_timezone_names)',
  },
]

const node = `Node's ${process.versions.tz}`

async function checkDuckDb(subject: Subject): Promise<readonly Finding[]> {
  const inUse = await zonesInUse(subject)
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const database = await DuckDBInstance.create(':memory:')
  try {
    const connection = await database.connect()
    const query = async (sql: string): Promise<readonly Row[]> =>
      (await connection.runAndReadAll(sql)).getRowObjectsJson()
    const [row] = await query('SELECT version() AS version')
    const theirs = await query(`
      SELECT z.name AS zone, string_agg(epoch(timezone(z.name, to_timestamp(s.at)))::BIGINT - s.at, ',' ORDER BY s.at) AS offsets
      FROM pg_timezone_names() AS z CROSS JOIN (SELECT unnest([${instants().join(', ')}]::BIGINT[]) AS at) AS s GROUP BY z.name`)
    return [judgeZones(`DuckDB ${String(row?.version)}`, { inUse, ...compare(inUse, theirs) })]
  } finally {
    database.closeSync()
  }
}

async function checkPostgres(subject: Subject): Promise<readonly Finding[]> {
  const inUse = await zonesInUse(subject)
  return withWarehouse(subject, async (warehouse) => {
    const [row] = await warehouse.query(`SELECT current_setting('server_version') AS version`)
    const theirs = await warehouse.query(
      `SELECT z.name AS zone,
         string_agg((extract(epoch FROM timezone(z.name, to_timestamp(s.at)) AT TIME ZONE 'UTC')::bigint - s.at)::text, ',' ORDER BY s.at) AS offsets
       FROM pg_timezone_names AS z CROSS JOIN unnest($1::bigint[]) AS s(at) GROUP BY z.name`,
      [`{${instants().join(',')}}`],
    )
    return [judgeZones(`PostgreSQL ${row?.version}`, { inUse, ...compare(inUse, theirs) })]
  })
}

/** Seconds of the epoch, a week apart, of this year and the next. */
function instants(): readonly number[] {
  const firstMs = Date.UTC(new Date().getUTCFullYear(), 0, 1)
  return Array.from({ length: 2 * 52 }, (_, week) => (firstMs + week * 7 * dayMs) / 1000)
}

type Row = Readonly<Record<string, unknown>>

/** Zones that Node and the other both know, and those of them that differ. */
function compare(inUse: readonly string[], theirs: readonly Row[]): { compared: number; differing: readonly string[] } {
  const offsets = new Map(theirs.map(({ zone, offsets: list }) => [String(zone), String(list)]))
  const zones = [...new Set([...Intl.supportedValuesOf('timeZone'), ...inUse])].filter((zone) => offsets.has(zone))
  const differing = zones.filter((zone) => {
    const offsetMs = zoneOffset(zone)
    const ours = instants().map((at) => offsetMs(at * 1000) / 1000)
    return offsets.get(zone) !== ours.join(',')
  })
  return { compared: zones.length, differing }
}

/** Zones of the maps that were replayed into this folder; none of a map that cannot be read, which `verify` says. */
async function zonesInUse({ stack }: Subject): Promise<readonly string[]> {
  if (!stack) return []
  const sources = await readSources(stack.dataDir).catch(() => [])
  const maps = sources.flatMap((source) => (source.kind === 'csv' ? [source.map] : []))
  const zones = await Promise.all(
    maps.map((map) =>
      readCsvMap(map).then(
        ({ time }) => (time.zone === undefined ? [] : [time.zone]),
        () => [],
      ),
    ),
  )
  return [...new Set(zones.flat())]
}

/** What to say of an engine's zones beside Node's, by which a replay reads local times. */
export function judgeZones(
  engine: string,
  {
    compared,
    differing,
    inUse,
  }: { readonly compared: number; readonly differing: readonly string[]; readonly inUse: readonly string[] },
): Finding {
  if (differing.length === 0) return ok(`${engine}: ${compared} zones as ${node}`)
  const named = differing.filter((zone) => inUse.includes(zone))
  const others = differing.slice(0, 3).join(', ') + (differing.length > 3 ? ', …' : '')
  const some = `${engine}: ${differing.length} of ${compared} zones unlike ${node} this year or next`
  if (named.length === 0) return ok(`${some}, none of a map in use: ${others}`)
  return warn(
    `${some}, of maps in use ${named.join(', ')}`,
    "replay and verify go by Node's, so bring Node up to date before a replay; in SQL keep to UTC",
  )
}
