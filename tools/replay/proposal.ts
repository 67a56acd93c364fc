import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { type Format, fitMap, formatOf, type MapJson, sameHeader } from '../../generator/csv/formats'
import { type CsvMap, parseCsvMap } from '../../generator/csv/map'
import { numberMarks } from '../../generator/csv/number'
import { type CsvRow, openCsv } from '../../generator/csv/rows'
import { timeFormat } from '../../generator/csv/time-format'
import { appFolder } from '../../local/stack/settings-file'
import { guessMap, type Surroundings } from './guess'
import { timeFormatOf } from './time-shape'
import { currencyOf, isNumber } from './value-shape'

/** A map made for files that came without one. */
export interface Proposal {
  /** The file that was looked at. */
  readonly file: string
  /** The files to replay: those given, without any that the map joins. */
  readonly files: readonly string[]
  readonly format?: Format
  readonly encoding: string
  readonly delimiter: string
  readonly header: readonly string[]
  /** What is to be written to keep the map. */
  readonly json: MapJson
  readonly map: CsvMap
  readonly rows: readonly CsvRow[]
  /** What was taken for granted, a sentence each. */
  readonly assumed: readonly string[]
}

/** What the files cannot say, and what somebody said of them. */
export interface Known {
  readonly zone: string
  readonly currency: string
  /** A time format in place of the one that would be found. */
  readonly timeFormat?: string
}

/** Rows looked at: enough that a day beyond the twelfth of a month tells days from months. */
const sampleRows = 5000

/**
 * A map for CSV files of one kind, by the known format they have or by guessing at their columns. Nothing but the files is
 * read. A file that another one's format joins (Olist's orders beside its items) may be among them. Throws, with what was
 * found and what to do, when the columns of a sale are not all there.
 */
export async function propose(given: readonly string[], known: Known): Promise<Proposal> {
  const all = await Promise.all(given.map(openSample))
  const files = all.filter(({ format }) => format?.instead === undefined)
  const aside = all.filter(({ format }) => format?.instead !== undefined)
  const [opened] = files
  const [other] = aside
  if (!opened || (other && opened.format?.joins !== other.format?.name)) {
    throw new Error(`${other?.file ?? ''}: this is "${other?.format?.title ?? ''}"; ${other?.format?.instead ?? ''}`)
  }
  const { file, format, header, rows } = opened
  if (rows.length === 0)
    throw new Error(`${file}: expected a header and rows, got ${header.length} columns and no rows`)
  const made =
    format?.map === undefined
      ? guessed(file, opened, { ...known, source: sourceOf(file) })
      : await fitted(format, opened, known)
  const join = made.json.join?.map((each) => (other ? { ...each, file: other.file } : each))
  const json = join ? { ...made.json, join } : made.json
  return {
    ...opened,
    files: files.map((each) => each.file),
    json,
    map: parseCsvMap(json, `for ${basename(file)}`),
    assumed: made.assumed,
  }
}

async function openSample(file: string) {
  const { encoding, delimiter, header, rows: all } = await openCsv(file)
  const rows = await firstOf(all, sampleRows)
  const format = formatOf(header)
  return { file, ...(format && { format }), encoding: encoding.name, delimiter, header, rows }
}

async function firstOf(rows: AsyncGenerator<CsvRow>, most: number): Promise<readonly CsvRow[]> {
  const first: CsvRow[] = []
  for await (const row of rows) if (first.push(row) === most) break
  return first
}

/** A source is part of every event id: the name of the file without what changes from one export to the next. */
function sourceOf(file: string): string {
  const name = basename(file, extname(file)).toLowerCase()
  return (
    name
      .replace(/[\d_.()\s-]+/g, ' ')
      .trim()
      .replaceAll(' ', '-') || 'csv'
  )
}

type Opened = Pick<Proposal, 'header' | 'rows'>
type Made = Pick<Proposal, 'json' | 'assumed'>

function guessed(file: string, { header, rows }: Opened, around: Surroundings & Known): Made {
  const guess = guessMap(header, rows, around)
  if ('json' in guess) return guess
  const found = Object.entries(guess.found).map(([meaning, column]) => `${meaning}: ${column}`)
  throw new Error(
    `${file}: expected columns of sales, found none for ${guess.missing.join(', ')}\n` +
      `  found ${found.length === 0 ? 'nothing' : found.join(', ')}\n  among ${header.join(', ')}\n` +
      '  write a map (docs/replay.md) and give it with --map',
  )
}

async function fitted(format: Format, { header, rows }: Opened, known: Known): Promise<Made> {
  const text = await readFile(join(appFolder, 'generator', 'maps', format.map ?? ''), 'utf8')
  const map = fitMap(JSON.parse(text) as MapJson, header, format.defaults)
  const cells = (column: string) => rows.map((row) => (row[column] ?? '').trim()).filter((cell) => cell !== '')
  const assumed: string[] = []
  const asks = (what: string) => format.asks?.includes(what) === true

  const numeric = ['quantity', 'unitPrice', 'amount', 'discount', 'taxAmount'].flatMap((field) =>
    list(map.columns[field]).flatMap(cells).filter(isNumber),
  )
  const marks = numberMarks(numeric)
  const signed = asks('currency') ? currencyOf(numeric) : undefined
  const said = list(map.columns['currency']).flatMap(cells)[0] ?? (asks('currency') ? signed : map.currency)
  if (signed !== undefined && said === signed) assumed.push(`the currency is ${signed}, by the sign of amounts`)
  if (said === undefined) assumed.push(`no currency is named: ${known.currency}, setting CURRENCY`)
  const time = fittedTime(map.time, {
    cells: timeCells(map, rows),
    known,
    asksZone: asks('zone'),
    monthFirst: (said ?? known.currency) === 'USD',
  })
  const taxIncluded = format.totals && containsTax(rows, format.totals, header)
  if (taxIncluded === true) assumed.push('totals show that prices contain the tax')
  return {
    json: {
      ...map,
      currency: said ?? known.currency,
      ...(marks && marks.decimal !== '.' && { numbers: { ...marks } }),
      constants: { ...map.constants, ...(taxIncluded !== undefined && { taxIncluded }) },
      time: time.json,
    },
    assumed: [...assumed, ...time.assumed],
  }
}

/** The texts that the map's time is read from; none where they come from a joined file. */
function timeCells({ time, columns }: MapJson, rows: readonly CsvRow[]): readonly string[] {
  const from = time.columns ?? list(columns['eventTime'])
  return rows
    .map((row) =>
      from
        .map((column) => (row[column] ?? '').trim())
        .join(' ')
        .trim(),
    )
    .filter((text) => text !== '')
}

interface TimeContext {
  readonly cells: readonly string[]
  readonly known: Known
  readonly asksZone: boolean
  readonly monthFirst: boolean
}

/** The format's own time where it reads every cell, else what reads them; the zone where the file says none. */
function fittedTime(time: MapJson['time'], { cells, known, asksZone, monthFirst }: TimeContext) {
  const found = cells.length === 0 ? undefined : timeFormatOf(cells, { monthFirst })
  const own = list(time.format).find((each) => cells.every((cell) => timeFormat(each)(cell) !== undefined))
  const best = found?.other === undefined ? (own ?? found?.format) : found.format
  const format = known.timeFormat ?? best ?? list(time.format)[0] ?? ''
  const others = [found?.format, found?.other].filter(
    (each) => each !== undefined && isMonthFirst(each) !== isMonthFirst(format),
  )
  const saysOffset = format !== 'excel' && format.includes('x')
  const asked = asksZone && !saysOffset
  return {
    json: { ...time, format, ...(asked && { zone: known.zone }) },
    assumed: [
      ...(found?.other === undefined || known.timeFormat !== undefined
        ? []
        : [`day and month could be either way: read as ${format}, not ${others[0]} (--time-format)`]),
      ...(asked ? [`times are of the zone ${known.zone} (--zone)`] : []),
    ],
  }
}

function isMonthFirst(format: string): boolean {
  return format.startsWith('M')
}
/** Whether the totals of orders come out without the tax on top; undefined when they tell neither. */
function containsTax(
  rows: readonly CsvRow[],
  { net, shipping, tax, total }: NonNullable<Format['totals']>,
  header: readonly string[],
): boolean | undefined {
  const find = (name: string) => header.find((column) => sameHeader(column) === sameHeader(name)) ?? name
  const amount = (row: CsvRow, name: string) => Number((row[find(name)] ?? '').replace(/[^\d.-]/g, '') || NaN)
  let [contained, onTop] = [0, 0]
  for (const row of rows) {
    const [ofGoods, ofShipping, ofTax, all] = [net, shipping, tax, total].map((name) => amount(row, name))
    if (!ofTax) continue
    const apart = (all ?? NaN) - (ofGoods ?? NaN) - (ofShipping ?? NaN)
    if (Math.abs(apart) < cent) contained++
    else if (Math.abs(apart - ofTax) < cent) onTop++
  }
  if (contained === onTop) return undefined
  return contained > onTop
}

const cent = 0.005

function list(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
