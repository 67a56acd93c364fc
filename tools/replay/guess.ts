import { type MapJson } from '../../generator/csv/formats'
import { type CsvRow } from '../../generator/csv/rows'
import { headerWords, type Meaning, plainHeader } from './header-words'
import { timeFormatOf, timeOfDayFormatOf } from './time-shape'
import { numberMarks } from '../../generator/csv/number'
import { currencyOf, isNumber } from './value-shape'

/** What a file of unknown format seems to say. */
export interface Guess {
  readonly json: MapJson
  /** What was taken for granted, a sentence each. */
  readonly assumed: readonly string[]
}

/** What a file cannot say of itself. */
export interface Surroundings {
  /** Part of every event id. */
  readonly source: string
  /** IANA zone of times that say none. */
  readonly zone: string
  /** Currency of amounts that say none. */
  readonly currency: string
}

/** What was found, and what is missing for a map, in words. */
export type Guessed = Guess | { readonly missing: readonly string[]; readonly found: Readonly<Record<string, string>> }

/**
 * A map for a file nobody knows, from its header and some rows: columns by what their names say in nine languages and by
 * what their values look like. Says what it misses where columns for order, time, product or price are not to be found.
 */
export function guessMap(header: readonly string[], rows: readonly CsvRow[], around: Surroundings): Guessed {
  const cells = new Map(header.map((column) => [column, cellsOf(rows, column)]))
  const of = (column: string | undefined) => (column === undefined ? [] : (cells.get(column) ?? []))
  const found = assign(header, of)
  const product = found.productId ?? found.productName
  const missing = [
    ...(found.orderId === undefined ? ['the order or receipt'] : []),
    ...(found.eventTime === undefined ? ['the date'] : []),
    ...(product === undefined ? ['the product'] : []),
    ...(found.unitPrice === undefined && found.lineTotal === undefined ? ['the price'] : []),
  ]
  if (missing.length > 0) return { missing, found }

  const assumed: string[] = []
  const amounts = [found.unitPrice, found.lineTotal, found.lineDiscount, found.taxAmount].flatMap(of)
  const marks = numberMarks([...amounts, ...of(found.quantity)])
  const currency = (found.currency === undefined ? undefined : of(found.currency)[0]) ?? currencyOf(amounts)
  if (currency === undefined) assumed.push(`no currency is named: ${around.currency}, setting CURRENCY`)
  const time = timeOf(found, { of, around, monthFirst: (currency ?? around.currency) === 'USD' })
  if (!time) return { missing: ['a date in a known format'], found }
  assumed.push(...time.assumed)

  const columns: Record<string, string> = { orderId: found.orderId ?? '', productId: product ?? '' }
  if (time.json.columns === undefined) columns['eventTime'] = found.eventTime ?? ''
  for (const meaning of plainFields) {
    const column = found[meaning]
    if (column !== undefined) columns[meaning] = column
  }
  const constants: Record<string, string | number> = {}
  const constant = (field: string, value: string | number, said: string) => {
    if (field in columns) return
    constants[field] = value
    assumed.push(`no column for ${said}: ${JSON.stringify(value)} for all`)
  }
  constant('storeId', 'shop', 'the store')
  constant('paymentMethod', 'unknown', 'how it was paid')
  constant('quantity', 1, 'the quantity')
  if (found.unitPrice !== undefined) columns['unitPrice'] = found.unitPrice
  else {
    columns['amount'] = found.lineTotal ?? ''
    assumed.push(`"${found.lineTotal}" is taken as what the whole line comes to, not one piece`)
  }
  if (found.lineDiscount !== undefined) {
    if (areFractions(of(found.lineDiscount))) {
      assumed.push(`"${found.lineDiscount}" looks like a fraction and is left out; prices are taken as they are`)
    } else columns['discount'] = found.lineDiscount
  }
  const cancelled = cancelledRows(header, of)
  if (cancelled) {
    assumed.push(`rows whose "${cancelled.column}" is ${cancelled.isNot.join(' or ')} are left out`)
  }
  const gaps = gapsOf(rows, { orderId: columns['orderId'] ?? '', columns: orderLevel(found, cancelled?.column) })
  const json: MapJson = {
    source: around.source,
    currency: currency ?? around.currency,
    ...(marks && marks.decimal !== '.' && { numbers: { ...marks } }),
    columns,
    constants,
    time: time.json,
    ...(gaps.length > 0 && { fillDown: gaps }),
    ...(cancelled && { where: [cancelled] }),
  }
  return { json, assumed }
}

/** Fields that are a column of the same meaning. */
const plainFields = [
  'storeId',
  'quantity',
  'taxAmount',
  'category',
  'brand',
  'customerId',
  'paymentMethod',
  'country',
  'city',
  'region',
  'currency',
] as const

type Found = Readonly<Partial<Record<Meaning, string>>>
type CellsOf = (column: string | undefined) => readonly string[]

function cellsOf(rows: readonly CsvRow[], column: string): readonly string[] {
  return rows.map((row) => (row[column] ?? '').trim()).filter((text) => text !== '')
}

/** What the values of a column have to look like to mean this; anything where nothing is said. */
const looks: Readonly<Partial<Record<Meaning, (texts: readonly string[]) => boolean>>> = {
  eventTime: (texts) => timeFormatOf(texts, { monthFirst: false }) !== undefined,
  timeOfDay: (texts) => timeOfDayFormatOf(texts) !== undefined,
  quantity: mostly(isNumber),
  unitPrice: mostly(isNumber),
  lineTotal: mostly(isNumber),
  lineDiscount: mostly(isNumber),
  taxAmount: mostly(isNumber),
  currency: mostly((text) => /^[A-Z]{3}$/.test(text)),
  country: mostly((text) => !isNumber(text)),
  productName: mostly((text) => !isNumber(text)),
}

/** A few cells of any column may be broken; those rows are for the decoder to reject. */
function mostly(is: (text: string) => boolean) {
  return (texts: readonly string[]) => texts.length > 0 && texts.filter(is).length >= texts.length * 0.8
}

/** The column of each meaning: the best pair of header and meaning first, no column twice. */
function assign(header: readonly string[], of: CellsOf): Found {
  const pairs = (Object.entries(headerWords) as [Meaning, readonly string[]][]).flatMap(([meaning, words]) =>
    header.flatMap((column) => {
      const score = scoreOf(plainHeader(column), words)
      if (score === 0 || !(looks[meaning]?.(of(column)) ?? true)) return []
      return [{ meaning, column, score }]
    }),
  )
  const found: Partial<Record<Meaning, string>> = {}
  const taken = new Set<string>()
  for (const { meaning, column } of pairs.sort((a, b) => b.score - a.score)) {
    if (meaning in found || taken.has(column)) continue
    found[meaning] = column
    taken.add(column)
  }
  return found
}

/** How well a header says a meaning: by its own word more than by a part of one, by a telling word more than by others. */
function scoreOf(plain: string, words: readonly string[]): number {
  const exact = words.indexOf(plain)
  if (exact >= 0) return 1000 - exact
  const part = words.findIndex((word) => word.length >= 4 && (plain.startsWith(word) || plain.endsWith(word)))
  return part < 0 ? 0 : 500 - part
}

function timeOf(
  found: Found,
  { of, around, monthFirst }: { readonly of: CellsOf; readonly around: Surroundings; readonly monthFirst: boolean },
): { readonly json: MapJson['time']; readonly assumed: readonly string[] } | undefined {
  const date = timeFormatOf(of(found.eventTime), { monthFirst })
  if (!date) return undefined
  const timeOfDay = /[Hh]|excel/.test(date.format) ? undefined : timeOfDayFormatOf(of(found.timeOfDay))
  const format = timeOfDay === undefined ? date.format : `${date.format} ${timeOfDay}`
  const saysOffset = /x/i.test(format.replace('excel', ''))
  const assumed = [
    ...(date.other === undefined
      ? []
      : [`day and month could be either way: read as ${date.format}, not ${date.other} (--time-format)`]),
    ...(timeOfDay === undefined && !/[Hh]|excel/.test(date.format)
      ? ['no time of day: all of a day is at its midnight']
      : []),
    ...(saysOffset || found.timeZone !== undefined ? [] : [`times are of the zone ${around.zone} (--zone)`]),
  ]
  const columns = timeOfDay === undefined ? undefined : [found.eventTime ?? '', found.timeOfDay ?? '']
  return {
    json: {
      format,
      ...(columns && { columns }),
      ...(found.timeZone !== undefined && { zoneColumn: found.timeZone }),
      ...(!saysOffset && { zone: around.zone }),
    },
    assumed,
  }
}

/** Parts of one, as `0` and `0.2`: amounts below one are written with all their decimals. */
function areFractions(texts: readonly string[]): boolean {
  return texts.every((text) => /^0?([.,]\d+)?$/.test(text)) && !texts.every((text) => /[.,]\d\d$/.test(text))
}

const statusWords = [
  'status',
  'orderstatus',
  'financialstatus',
  'salestatus',
  'bestellstatus',
  'estado',
  'stato',
  'statut',
]
const cancelWords = /^(void|voided|cancel|cancell?ed|storno|storniert|annul|anulad|geannuleerd|anulowan|makulerad)/i

/** The rows of cancelled orders, where a column of statuses has such. */
function cancelledRows(header: readonly string[], of: CellsOf) {
  for (const column of header.filter((each) => statusWords.includes(plainHeader(each)))) {
    const isNot = [...new Set(of(column).filter((text) => cancelWords.test(text)))]
    if (isNot.length > 0) return { column, isNot }
  }
  return undefined
}

/** Columns that say something of the whole order. */
function orderLevel(found: Found, status: string | undefined): readonly string[] {
  const { eventTime, timeOfDay, timeZone, storeId, customerId, paymentMethod, country, city, region, currency } = found
  const columns = [eventTime, timeOfDay, timeZone, storeId, customerId, paymentMethod, country, city, region, currency]
  return [...columns, status].filter((column) => column !== undefined)
}

/** Those of the columns that are filled on the first row of an order only. */
function gapsOf(
  rows: readonly CsvRow[],
  { orderId, columns }: { readonly orderId: string; readonly columns: readonly string[] },
): readonly string[] {
  const isBelow = (row: CsvRow, index: number) => index > 0 && row[orderId] === rows[index - 1]?.[orderId]
  const isEmpty = (row: CsvRow, column: string) => (row[column] ?? '').trim() === ''
  return columns.filter((column) =>
    rows.some(
      (row, index) => isBelow(row, index) && isEmpty(row, column) && rows.some((other) => !isEmpty(other, column)),
    ),
  )
}
