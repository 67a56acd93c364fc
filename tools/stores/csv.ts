// Tested in test/tools/stores.test.ts.
import { parse } from 'csv-parse/sync'
import { minutesOf } from '../../src/business/calendar'
import { isZone } from '../../src/business/zone'
import { reasonOf } from '../../src/reason'
import { type StoreRecord } from '../../src/warehouse/stores'

/** Columns of the file; `store` has to be there. */
const columns = ['store', 'name', 'zone', 'day_start', 'region', 'city', 'currency'] as const
type Column = (typeof columns)[number]

interface Line {
  readonly number: number
  readonly cells: Readonly<Partial<Record<Column, string>>>
}

/**
 * Reads a list of stores: CSV with a header, names of columns in any case and order, comma, semicolon or tab between
 * them, UTF-8. An empty cell says nothing. Throws with every fault there is, each with its line.
 */
export function parseStores(
  text: string,
  { file, currency }: { readonly file: string; readonly currency: string },
): readonly StoreRecord[] {
  const lines = readLines(text, file)
  const seen = new Map<string, number>()
  const faults = lines.flatMap((line) => {
    const store = line.cells.store
    const twice =
      store !== undefined && seen.has(store) ? [`store "${store}" is in line ${seen.get(store)} already`] : []
    if (store !== undefined && twice.length === 0) seen.set(store, line.number)
    return [...twice, ...faultsOf(line, currency)].map((fault) => `${file} line ${line.number}: ${fault}`)
  })
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return lines.map(({ cells }) => ({
    storeId: cells.store ?? '',
    name: cells.name ?? null,
    zone: cells.zone === undefined ? null : asNamed(cells.zone),
    dayStart: cells.day_start ?? null,
    region: cells.region ?? null,
    city: cells.city ?? null,
    currency: cells.currency ?? null,
  }))
}

function readLines(text: string, file: string): readonly Line[] {
  let records: readonly { readonly record: readonly string[]; readonly info: { readonly lines: number } }[]
  try {
    const options = { bom: true, delimiter: delimiterOf(text), skip_empty_lines: true, trim: true, info: true } as const
    // The library's types do not know what `info` makes of the records.
    records = parse(text, options) as unknown as typeof records
  } catch (error) {
    throw new Error(`${file}: expected CSV, got ${reasonOf(error)}`, { cause: error })
  }
  const [header, ...rows] = records
  const names = (header?.record ?? []).map((name) => name.toLowerCase())
  const isKnown = (name: string): name is Column => columns.some((column) => column === name)
  const wrong = names.filter((name, at) => !isKnown(name) || names.indexOf(name) !== at)
  if (wrong.length > 0 || !names.includes('store')) {
    const got = names.length === 0 ? 'an empty file' : names.join(', ')
    throw new Error(
      `${file} line 1: expected the columns store and, each once, any of ${columns.slice(1).join(', ')}, got ${got}`,
    )
  }
  return rows.map(({ record, info }) => ({
    number: info.lines,
    cells: Object.fromEntries(names.flatMap((name, at) => (record[at] ? [[name, record[at]]] : []))),
  }))
}

/** Of the delimiters there are, the one the header has most of. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1)
  const count = (delimiter: string) => header.split(delimiter).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

function faultsOf({ cells }: Line, currency: string): readonly string[] {
  const { store, zone, day_start: dayStart } = cells
  const faults: string[] = []
  if (store === undefined) faults.push('store: expected the name the tills use, got nothing')
  if (zone !== undefined && !isZone(zone)) {
    faults.push(`zone: expected an IANA time zone such as Europe/London, got "${zone}"`)
  }
  if (dayStart !== undefined && !isTime(dayStart))
    faults.push(`day_start: expected HH:MM from 00:00 to 23:59, got "${dayStart}"`)
  if (cells.currency !== undefined && cells.currency !== currency) {
    faults.push(
      `currency: expected ${currency}, the installation's, got "${cells.currency}"; give each currency an installation`,
    )
  }
  return faults
}

function isTime(text: string): boolean {
  try {
    minutesOf(text)
    return true
  } catch {
    return false
  }
}

/** A zone by the letters of its name: Node takes any case, and to a calendar each is another name. */
function asNamed(zone: string): string {
  const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions()
  return timeZone.toLowerCase() === zone.toLowerCase() ? timeZone : zone
}
