// Tested in test/tools/verify/verify.test.ts.
import { reasonOf } from '../../src/reason'
import { type Rules } from '../../src/fold/rules'
import { type Store } from '../../src/lake/store'
import { type Warehouse } from '../../src/warehouse/connection'
import { comparisons, figures, type SectionName } from './checks'
import { compare, type CheckResult } from './compare'
import { type Limits, verdicts } from './contract'
import { csvComparisons, csvFigures, csvScript, type CsvSource, localDays, notCovered } from './csv'
import { countCsvRows, loadCsvRows } from './csv-rows'
import { editionComparisons, editionsScript } from './editions'
import { type Engine, literal, openEngine } from './engine'
import { goldTablesSql } from './gold'
import { endOf, type HubLog, loadHub } from './hub-log'
import { digitsOf } from './lines'
import { loadLake, type LakeReading } from './lake-tables'
import { type Report, reportOf, type Section, sectionOf } from './report'
import { moneyMacro, rollups, rollupTables, rollupTruth } from './rollups'
import { findUnknown, type Unknown } from './unknown'
import { loadWarehouse } from './warehouse-tables'
import { clockSql, stretchesOf, stretchesSql } from './zone'

/** Lines of the daily batch. */
interface Thresholds {
  readonly topProducts: number
  readonly loyalPurchases: number
  readonly premiumSpendCents: number
  readonly standardSpendCents: number
}

/** What is held against what. */
export interface Subject {
  /** Under the numbers of the lake, of which `firstSequence` is the first this hub can have given. */
  readonly hub: HubLog
  readonly firstSequence: number
  /** The name under which the pipeline keeps its positions. */
  readonly stream: string
  readonly store: Store
  readonly warehouse: Warehouse
  readonly rules: Pick<Rules, 'latenessMs' | 'idleAfterMs' | 'stockoutAfterMs'>
  readonly limits: Limits
  /** Where the daily batch draws its lines. */
  readonly thresholds: Thresholds
  /** Recorded sales that were replayed, and those that cannot be read any more. */
  readonly sources: readonly (CsvSource | { readonly unreadable: string })[]
  /** Waits until a pipeline that runs has come as far as it will. */
  readonly settle: () => Promise<void>
  readonly say: (line: string) => void
}

/** How often everything is read anew because the hub took something meanwhile; a heartbeat comes each minute. */
const readings = 3

/**
 * Recomputes bronze, silver, gold and PostgreSQL from the hub's log, and from the recorded sales replayed into it, in
 * DuckDB SQL that shares no code with the pipeline, and compares row by row. Writes nothing but a temporary folder.
 * Throws when a service cannot be read or the hub is not quiet; whatever differs is in the report.
 */
export async function verify(subject: Subject): Promise<Report> {
  for (let reading = 1; ; reading++) {
    const engine = await openEngine()
    try {
      const read = await load(engine, subject)
      if (read.isQuiet) return await judge(engine, subject, read)
      if (reading === readings) {
        throw new Error(
          `verify: expected a quiet hub, got events during ${readings} readings; stop what sends them, \`npm start\` too`,
        )
      }
      subject.say('the hub took events meanwhile; reading again')
    } finally {
      await engine.close()
    }
  }
}

interface Reading {
  readonly lake: LakeReading
  readonly unknown: Unknown
  /** Nothing came in while all was read. */
  readonly isQuiet: boolean
}

async function load(engine: Engine, subject: Subject): Promise<Reading> {
  const { hub, firstSequence, store, warehouse, limits, settle, say } = subject
  await engine.script('tables')
  const digits = digitsOf(limits.currency)
  await engine.connection.run(`${moneyMacro(digits)}\n${rollupTables(digits)}\n${goldTablesSql(digits)}`)
  await settle()
  const end = await endOf(hub)
  say('reading the hub')
  await loadHub(engine, { hub, first: firstSequence })
  say('reading PostgreSQL')
  await loadWarehouse(engine, warehouse)
  say('reading the lake')
  const lake = await loadLake(engine, store)
  const unknown = await findUnknown({ store, warehouse })
  return { lake, unknown, isQuiet: (await endOf(hub)) === end }
}

async function judge(engine: Engine, subject: Subject, reading: Reading): Promise<Report> {
  subject.say('recomputing')
  await recompute(engine, subject)
  const outcomes: Record<SectionName, Record<string, CheckResult>> = {
    source: sourceOutcomes(subject, reading),
    bronze: {},
    silver: {},
    gold: {},
    warehouse: {},
  }
  for (const [name, found] of Object.entries(outcomes) as [SectionName, Record<string, CheckResult>][]) {
    for (const comparison of comparisons[name]) found[comparison.name] = await compare(engine, comparison)
  }
  const csv = await judgeCsv(engine, subject, outcomes)
  const section = async (name: SectionName, more: Section['figures'] = {}) =>
    sectionOf(outcomes[name], { ...(await row(engine, figures[name])), ...more })
  const columnsNotChecked = [...reading.lake.strangers, ...reading.unknown.columns]
  return reportOf(
    {
      source: await section('source', {
        ...(csv.length > 0 && { csv }),
        ...(columnsNotChecked.length > 0 && { columnsNotChecked }),
      }),
      bronze: await section('bronze'),
      silver: await section('silver'),
      gold: await section('gold'),
      warehouse: await section('warehouse'),
    },
    { unchecked: reading.unknown.tables },
  )
}

/** Builds schema `truth`: everything as it should be, from `hub.message`. */
async function recompute(engine: Engine, { rules, limits, stream, thresholds }: Subject): Promise<void> {
  const { latenessMs, idleAfterMs, stockoutAfterMs } = rules
  await engine.connection.run(
    `SET VARIABLE lateness_ms = ${latenessMs}::BIGINT; SET VARIABLE idle_ms = ${idleAfterMs}::BIGINT;
     SET VARIABLE stockout_ms = ${stockoutAfterMs}::BIGINT; SET VARIABLE stream = ${literal(stream)};
     SET VARIABLE top_products = ${thresholds.topProducts}; SET VARIABLE loyal_purchases = ${thresholds.loyalPurchases};
     SET VARIABLE premium_cents = ${thresholds.premiumSpendCents}; SET VARIABLE standard_cents = ${thresholds.standardSpendCents}`,
  )
  await engine.script('items')
  await engine.connection.run(verdicts(limits))
  await setClocks(engine)
  for (const name of ['business', 'dates', 'sales', 'parts', 'daily', 'stockouts']) await engine.script(name)
  for (const rollup of rollups) await engine.connection.run(rollupTruth(rollup))
}

/** Makes `truth.clock`: by which clock each store goes, as PostgreSQL has it, and what that clock shows. */
async function setClocks(engine: Engine): Promise<void> {
  const calendars = await engine.query(`
    SELECT store_id AS store, coalesce(stores.zone, usual.zone) AS zone, coalesce(stores.day_start, usual.day_start) AS "dayStart"
    FROM (
      SELECT '' AS store_id, NULL AS zone, NULL AS day_start UNION ALL SELECT store_id, zone, day_start FROM pg.stores
    ) AS stores, (
      SELECT coalesce(any_value(zone), 'UTC') AS zone, coalesce(any_value(day_start), '00:00') AS day_start FROM pg.installation
    ) AS usual`)
  const [times] = await engine.query('SELECT min(event_ms) AS first, max(event_ms) AS last FROM truth.event')
  const clocks = calendars.map(({ store, zone, dayStart }) => {
    return { store: String(store), zone: String(zone), dayStart: String(dayStart) }
  })
  const range = { firstMs: Number(times?.first ?? 0), lastMs: Number(times?.last ?? 0) }
  await engine.connection.run(clockSql(clocks, range))
}

type Figures = Section['figures']

/** Holds the files of each source against bronze, silver and gold; adds to the outcomes, returns figures. */
async function judgeCsv(
  engine: Engine,
  { sources }: Subject,
  outcomes: Record<SectionName, Record<string, CheckResult>>,
): Promise<readonly Figures[]> {
  const found: Figures[] = []
  if (sources.length === 0) return found
  await engine.connection.run(editionsScript)
  for (const comparison of editionComparisons) outcomes.bronze[comparison.name] = await compare(engine, comparison)
  for (const [index, source] of sources.entries()) {
    if ('unreadable' in source) continue
    const read = await readCsv(engine, source)
    if ('fault' in read) {
      outcomes.source[`csv ${source.map.source} ${index + 1}`] = outcomeOf(
        'the files can be read as they were replayed',
        [read.fault],
      )
      continue
    }
    const skipped = notCovered(source.map)
    if (skipped.length > 0) {
      found.push({ source: source.map.source, files: source.files.length, rows: read.rows, notCovered: skipped })
      continue
    }
    const name = sources.length === 1 ? source.map.source : `${source.map.source} ${index + 1}`
    for (const [section, comparison] of Object.entries(csvComparisons(name)) as ['bronze', never][]) {
      outcomes[section][`csv ${name}`] = await compare(engine, comparison)
    }
    found.push({ source: source.map.source, files: source.files.length, ...(await row(engine, csvFigures)) })
  }
  return found
}

/** Reads the files of a source, and works out what they say where that is covered; or why they cannot be read, in words. */
async function readCsv(
  engine: Engine,
  source: CsvSource,
): Promise<{ readonly rows: number } | { readonly fault: string }> {
  const isCovered = notCovered(source.map).length === 0
  try {
    if (!isCovered) return { rows: await countCsvRows(source) }
    await loadCsvRows(engine, source)
  } catch (error) {
    return { fault: reasonOf(error) }
  }
  const days = (await engine.query(localDays(source.map))).map(({ day }) => Number(day))
  const stretches = stretchesSql(stretchesOf(source.map.time.zone ?? 'UTC', days))
  await engine.connection.run(`CREATE OR REPLACE TABLE csv.stretch AS ${stretches}`)
  await engine.connection.run(csvScript(source))
  const [{ rows } = { rows: 0 }] = await engine.query('SELECT count(*) AS rows FROM csv.read')
  return { rows: Number(rows) }
}

/** What can be wrong before anything is compared. */
function sourceOutcomes({ sources }: Subject, { lake }: Reading): Record<string, CheckResult> {
  const faults = sources.flatMap((source) => ('unreadable' in source ? [source.unreadable] : []))
  return {
    lake: outcomeOf('every Delta table can be read as its log says', lake.faults),
    ...(sources.length === 0 ? {} : { recorded: outcomeOf('replayed files are still there', faults) }),
  }
}

function outcomeOf(about: string, faults: readonly string[]): CheckResult {
  return {
    about,
    checked: Math.max(1, faults.length),
    mismatches: faults.length,
    differing: faults.map((fault) => ({ key: { fault }, expected: null, got: null })),
  }
}

/** The one row of a query, as JSON has it. */
async function row(engine: Engine, sql: string): Promise<Figures> {
  const [found] = await engine.query(`SELECT to_json(figures)::VARCHAR AS json FROM (${sql}) AS figures`)
  return JSON.parse(String(found?.json)) as Figures
}
