import Ajv, { type ErrorObject } from 'ajv'
import { type FromSchema } from 'json-schema-to-ts'
import { reasonOf } from '../../src/reason'
import { lineKinds, schemas } from '../../src/event/schema'
import { localTimeReader } from './local-time'
import { ianaZone } from './zone-name'

const {
  lines,
  type: _type,
  eventId: _eventId,
  discount: _discount,
  tip: _tip,
  voids: _voids,
  edition: _edition,
  ...ofReceipt
} = schemas.sale.properties
const ofLine = lines.items.properties
const { currency } = ofReceipt
const text = { type: 'string', minLength: 1 } as const
const texts = { type: 'array', minItems: 1, items: text } as const

/** Fields of the receipt, and of each of its lines, that a map may fill from a column. */
export const receiptFields: readonly string[] = Object.keys(ofReceipt)
export const lineFields: readonly string[] = Object.keys(ofLine)
const fields = [...receiptFields, ...lineFields]

/** Fields that are numbers, and true or false, on the wire; a CSV has text only. */
export const numberFields: readonly string[] = fieldsOfType('number', 'integer')
export const booleanFields: readonly string[] = fieldsOfType('boolean')

function fieldsOfType(...types: readonly string[]): readonly string[] {
  return Object.entries({ ...ofReceipt, ...ofLine }).flatMap(([field, { type }]) =>
    types.includes(type) ? [field] : [],
  )
}

const condition = {
  type: 'object',
  required: ['column'],
  additionalProperties: false,
  minProperties: 2,
  properties: {
    column: text,
    is: { type: 'array', items: { type: 'string' } },
    isNot: { type: 'array', items: { type: 'string' } },
    empty: { type: 'boolean' },
    matches: { type: 'string', format: 'regex' },
  },
} as const

/** A column of the order: its first cell that is not empty, or the sum of its cells. */
const ofOrder = {
  oneOf: [text, { type: 'object', required: ['sum'], additionalProperties: false, properties: { sum: text } }],
} as const

const schema = {
  type: 'object',
  required: ['source', 'columns', 'time', 'currency'],
  additionalProperties: false,
  properties: {
    source: text,
    currency,
    file: {
      type: 'object',
      additionalProperties: false,
      properties: {
        encoding: text,
        delimiter: { type: 'string', minLength: 1, maxLength: 1 },
        quote: { type: 'string', maxLength: 1 },
        skipLines: { type: 'integer', minimum: 0 },
        header: texts,
      },
    },
    numbers: {
      type: 'object',
      additionalProperties: false,
      properties: {
        decimal: { enum: ['.', ','] },
        grouping: { enum: ['.', ',', "'", ' ', ''] },
        signs: texts,
      },
    },
    columns: { type: 'object', additionalProperties: { oneOf: [text, texts] } },
    constants: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
    values: { type: 'object', additionalProperties: { type: 'object', additionalProperties: { type: 'string' } } },
    wholeNumbers: { type: 'array', items: { type: 'string' } },
    time: {
      type: 'object',
      required: ['format'],
      additionalProperties: false,
      properties: {
        format: { oneOf: [text, texts] },
        columns: texts,
        zone: text,
        zoneColumn: text,
        repeated: { enum: ['order', 'first', 'second'] },
      },
    },
    orderKey: texts,
    fillDown: texts,
    where: { type: 'array', items: condition },
    returns: condition,
    kinds: {
      type: 'array',
      items: {
        type: 'object',
        required: ['when', 'kind'],
        additionalProperties: false,
        properties: { when: condition, kind: { enum: lineKinds } },
      },
    },
    order: {
      type: 'object',
      additionalProperties: false,
      properties: { discount: ofOrder, shipping: ofOrder, fee: ofOrder, tax: ofOrder, tip: ofOrder },
    },
    join: {
      type: 'array',
      items: {
        type: 'object',
        required: ['file', 'key'],
        additionalProperties: false,
        properties: { file: text, key: text, column: text, columns: texts },
      },
    },
  },
} as const

// The same shape, with the fields that exist; a constant must be what the event's own schema takes.
const strict = {
  ...schema,
  properties: {
    ...schema.properties,
    columns: { ...schema.properties.columns, propertyNames: { enum: fields } },
    constants: { type: 'object', properties: { ...ofReceipt, ...ofLine }, additionalProperties: false },
    values: { ...schema.properties.values, propertyNames: { enum: fields } },
    wholeNumbers: { type: 'array', items: { enum: fields } },
  },
}
type Json = FromSchema<typeof schema>
const validate = new Ajv({ allErrors: true, verbose: true, formats: { regex: isRegex } }).compile<Json>(strict)

function isRegex(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp
  } catch {
    return false
  }
}

/** What a cell has to be: every one of the tests that are given. */
export interface Condition {
  readonly column: string
  /** One of these texts. */
  readonly is?: readonly string[]
  readonly isNot?: readonly string[]
  /** Nothing but white space, or something. */
  readonly empty?: boolean
  /** A regular expression (flag u) somewhere in the text. */
  readonly matches?: string
}

/** The first cell of the order's rows that is not empty, or the sum of all of them. */
export type OfOrder = string | { readonly sum: string }

/** A second file, whose columns each row gets by a key: `column` of the row (as `key` when absent) is `key` there. */
export interface Join {
  /** Beside the CSV file, or absolute; `*` stands for any characters of the name. */
  readonly file: string
  readonly key: string
  readonly column?: string
  /** The columns to take; all that the row has not when absent. */
  readonly columns?: readonly string[]
}

/** How a file is written; what is absent is found out. */
export interface FileShape {
  readonly encoding?: string
  readonly delimiter?: string
  /** Empty where quotes mean nothing. */
  readonly quote?: string
  /** Lines before the header. */
  readonly skipLines?: number
  /** Names of the columns of a file without a header. */
  readonly header?: readonly string[]
}

/** How numbers are written. */
export interface NumberShape {
  readonly decimal: '.' | ','
  readonly grouping: '.' | ',' | "'" | ' ' | ''
  /** Texts beside the amount that mean nothing, such as `kr`; signs of currencies and the map's own code always are. */
  readonly signs: readonly string[]
}

/** Where the time is and how it is written. */
export interface TimeShape {
  /** Tried in order. `excel` is a serial date. */
  readonly formats: readonly string[]
  /** Columns that make the time, joined by a space. */
  readonly columns: readonly string[]
  /** IANA; the zone of rows that say none. */
  readonly zone?: string
  readonly zoneColumn?: string
  /** Which pass of an hour that comes twice: told by the order of the rows, or always one of them. */
  readonly repeated: 'order' | 'first' | 'second'
}

/**
 * What the rows of a CSV mean as `sale` events; docs/replay.md says what each word does. `source` is part of every event
 * id, so that the same rows give the same ids.
 */
export interface CsvMap {
  readonly source: string
  readonly currency: string
  readonly file: FileShape
  readonly numbers: NumberShape
  /** Field → columns, of which the first that is not empty counts. */
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly constants: Readonly<Record<string, string | number | boolean>>
  /** Field → text of the file → text of the event; `*` is any other. */
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Fields whose whole numbers are written with decimals, `17850.0` for `17850`. */
  readonly wholeNumbers: readonly string[]
  readonly time: TimeShape
  /** Columns that together name an order; empty where rows belong together by time and all else that is not the line's own. */
  readonly orderKey: readonly string[]
  /** Columns whose empty cells take the value of the row above in the same order. */
  readonly fillDown: readonly string[]
  /** Which rows count: all conditions hold. */
  readonly where: readonly Condition[]
  /** Rows that are returns though their numbers have no sign. */
  readonly returns?: Condition
  /** The first that holds says the kind of the line. */
  readonly kinds: readonly { readonly when: Condition; readonly kind: string }[]
  readonly order: Readonly<Partial<Record<'discount' | 'shipping' | 'fee' | 'tax' | 'tip', OfOrder>>>
  readonly join: readonly Join[]
}

/**
 * The map found in a JSON value, which came from `name`. Throws one error that lists every fault: where, what was
 * expected, what came.
 */
export function parseCsvMap(value: unknown, name: string): CsvMap {
  if (!validate(value)) throw faulty(name, (validate.errors ?? []).flatMap(describe))
  const map = complete(value)
  const faults = [...timeFaults(map.time), ...numberFaults(map.numbers), ...fieldFaults(map)]
  if (faults.length > 0) throw faulty(name, faults)
  return map
}

function complete(json: Json): CsvMap {
  const { eventTime, ...columns } = Object.fromEntries(
    Object.entries(json.columns).map(([field, column]) => [field, list(column)]),
  )
  const { zone, zoneColumn, format, repeated = 'order' } = json.time
  const decimal = json.numbers?.decimal ?? '.'
  const fillDown = json.fillDown ?? []
  const ofStore = (columns['storeId'] ?? []).filter((column) => !fillDown.includes(column))
  const isNamed = columns['orderId'] !== undefined
  return {
    source: json.source,
    currency: json.currency,
    file: json.file ?? {},
    numbers: {
      decimal,
      grouping: json.numbers?.grouping ?? (decimal === ',' ? '.' : ','),
      signs: json.numbers?.signs ?? [],
    },
    columns,
    constants: json.constants ?? {},
    values: json.values ?? {},
    wholeNumbers: json.wholeNumbers ?? [],
    time: {
      formats: list(format),
      columns: json.time.columns ?? eventTime ?? [],
      ...(zone !== undefined && { zone: ianaZone(zone) ?? zone }),
      ...(zoneColumn !== undefined && { zoneColumn }),
      repeated,
    },
    orderKey: json.orderKey ?? (isNamed ? [...ofStore, ...(columns['orderId'] ?? [])] : []),
    fillDown,
    where: json.where ?? [],
    ...(json.returns && { returns: json.returns }),
    kinds: json.kinds ?? [],
    order: json.order ?? {},
    join: json.join ?? [],
  }
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

function faulty(name: string, faults: readonly string[]): Error {
  return new Error(`csv map ${name}: expected no faults, got ${faults.length}:\n  ${faults.join('\n  ')}`)
}

function describe(error: ErrorObject): readonly string[] {
  const { keyword, instancePath, schemaPath, params, message, data, propertyName } = error
  const at = instancePath.slice(1) || 'map'
  // Of a choice only that none fits is said.
  if (keyword === 'propertyNames' || schemaPath.includes('/oneOf/')) return []
  if (propertyName !== undefined) return [`${at}/${propertyName}: expected one of ${fields.join(', ')}`]
  if (keyword === 'required') return [`${at}/${String(params['missingProperty'])}: expected a value, got nothing`]
  if (keyword === 'additionalProperties') return [`${at}: expected no "${String(params['additionalProperty'])}"`]
  const choice = at.startsWith('order/') ? 'a text, or {"sum": text}' : 'a text, or a list of texts'
  return [`${at}: ${keyword === 'oneOf' ? `expected ${choice}` : (message ?? keyword)}, got ${JSON.stringify(data)}`]
}

function timeFaults({ formats, columns, zone, zoneColumn }: TimeShape): readonly string[] {
  const fault = (path: string, read: () => unknown): readonly string[] => {
    try {
      read()
      return []
    } catch (error) {
      return [`${path}: ${reasonOf(error)}`]
    }
  }
  const saysZone = zone !== undefined || zoneColumn !== undefined || formats.every((format) => /x/i.test(format))
  return [
    ...(columns.length > 0 ? [] : ['columns/eventTime: expected a column, or several in time/columns, got neither']),
    ...formats.flatMap((format) => fault('time/format', () => localTimeReader(format, 'UTC'))),
    ...(zone === undefined ? [] : fault('time/zone', () => localTimeReader('yyyy-MM-dd', zone))),
    ...(saysZone ? [] : ['time/zone: expected a zone, a zoneColumn, or x for the offset in the format, got none']),
  ]
}

function numberFaults({ decimal, grouping }: NumberShape): readonly string[] {
  return decimal === grouping ? [`numbers/grouping: expected another mark than the decimal one, got "${grouping}"`] : []
}

/** Each required field has a column or a constant; none has both. */
function fieldFaults({ columns, constants, order }: CsvMap): readonly string[] {
  const isSaid = (field: string): boolean => field in columns || field in constants
  const isAside = (field: string): boolean => field === 'eventTime' || (field === 'unitPrice' && isSaid('amount'))
  const required = [...schemas.sale.required, ...lines.items.required].filter((field) => fields.includes(field))
  const missing = required.filter((field) => !isSaid(field) && !isAside(field))
  const twice = Object.keys(constants).filter((field) => field in columns)
  const ofLines = ['taxAmount', 'taxRate'].filter((field) => order.tax !== undefined && isSaid(field))
  return [
    ...missing.map((field) => `columns/${field}: expected a column, or a constant, got neither`),
    ...twice.map((field) => `constants/${field}: expected a column or a constant, got both`),
    ...ofLines.map((field) => `order/tax: expected the tax of the order, or ${field} of its lines, got both`),
  ]
}
