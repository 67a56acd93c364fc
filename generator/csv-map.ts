import Ajv, { type ErrorObject } from 'ajv'
import { type FromSchema } from 'json-schema-to-ts'
import { reasonOf } from '../src/reason'
import { schemas } from '../src/event/schema'
import { localTimeReader } from './local-time'

const { lines, type: _type, eventId: _eventId, currency, ...ofReceipt } = schemas.sale.properties
const ofLine = lines.items.properties
const column = { type: 'string', minLength: 1 } as const

/** Fields of the event itself, and of each of its lines, that a map may fill. */
export const receiptFields: readonly string[] = Object.keys(ofReceipt)
export const lineFields: readonly string[] = Object.keys(ofLine)
const fields = [...receiptFields, ...lineFields]

/** Fields that are numbers on the wire; a CSV has text only. */
export const numberFields: readonly string[] = Object.entries({ ...ofReceipt, ...ofLine }).flatMap(
  ([field, { type }]) => (type === 'number' || type === 'integer' ? [field] : []),
)

const schema = {
  type: 'object',
  required: ['source', 'columns', 'time', 'currency'],
  additionalProperties: false,
  properties: {
    source: { type: 'string', minLength: 1 },
    columns: { type: 'object', additionalProperties: column, required: ['orderId', 'eventTime'] },
    constants: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
    wholeNumbers: { type: 'array', items: { type: 'string' } },
    time: {
      type: 'object',
      required: ['format', 'zone'],
      additionalProperties: false,
      properties: { format: column, zone: column },
    },
    currency,
  },
} as const

// The same shape, with the fields that exist; a constant must be what the event's own schema takes.
const strict = {
  ...schema,
  properties: {
    ...schema.properties,
    columns: { ...schema.properties.columns, propertyNames: { enum: fields } },
    constants: { type: 'object', properties: { ...ofReceipt, ...ofLine }, additionalProperties: false },
    wholeNumbers: { type: 'array', items: { enum: fields } },
  },
}
const validate = new Ajv({ allErrors: true, verbose: true }).compile<FromSchema<typeof schema>>(strict)

/**
 * A CSV of order lines as `sale` events. `columns`: field → column; `constants`: field → its value in every event;
 * `wholeNumbers`: fields whose whole numbers are written with decimals, `17850.0` for `17850`; `source` is part of
 * every event id, so that the same rows give the same ids.
 */
export interface CsvMap {
  readonly source: string
  readonly columns: Readonly<Record<string, string>>
  readonly constants: Readonly<Record<string, string | number>>
  readonly wholeNumbers: readonly string[]
  readonly time: { readonly format: string; readonly zone: string }
  readonly currency: string
}

/**
 * The map found in a JSON value, which came from `name`. Throws one error that lists every fault: where, what was
 * expected, what came.
 */
export function parseCsvMap(value: unknown, name: string): CsvMap {
  if (!validate(value)) throw faulty(name, (validate.errors ?? []).flatMap(describe))
  const map: CsvMap = { ...value, constants: value.constants ?? {}, wholeNumbers: value.wholeNumbers ?? [] }
  const faults = [...timeFaults(map.time), ...fieldFaults(map)]
  if (faults.length > 0) throw faulty(name, faults)
  return map
}

function faulty(name: string, faults: readonly string[]): Error {
  return new Error(`csv map ${name}: expected no faults, got ${faults.length}:\n  ${faults.join('\n  ')}`)
}

function describe({ keyword, instancePath, params, message, data, propertyName }: ErrorObject): readonly string[] {
  const at = instancePath.slice(1) || 'map'
  if (keyword === 'propertyNames') return []
  if (propertyName !== undefined) return [`${at}/${propertyName}: expected one of ${fields.join(', ')}`]
  if (keyword === 'required') return [`${at}/${String(params['missingProperty'])}: expected a value, got nothing`]
  if (keyword === 'additionalProperties') return [`${at}: expected no "${String(params['additionalProperty'])}"`]
  return [`${at}: ${message ?? keyword}, got ${JSON.stringify(data)}`]
}

function timeFaults({ format, zone }: CsvMap['time']): readonly string[] {
  const fault = (path: string, read: () => unknown): readonly string[] => {
    try {
      read()
      return []
    } catch (error) {
      return [`${path}: ${reasonOf(error)}`]
    }
  }
  return [
    ...fault('time/format', () => localTimeReader(format, 'UTC')),
    ...fault('time/zone', () => localTimeReader('yyyy-MM-dd', zone)),
  ]
}

/** Each required field has a column or a constant; none has both. */
function fieldFaults({ columns, constants }: CsvMap): readonly string[] {
  const required = [...schemas.sale.required, ...lines.items.required].filter((field) => fields.includes(field))
  const missing = required.filter((field) => !(field in columns) && !(field in constants))
  const twice = Object.keys(constants).filter((field) => field in columns)
  return [
    ...missing.map((field) => `columns/${field}: expected a column, or a constant, got neither`),
    ...twice.map((field) => `constants/${field}: expected a column or a constant, got both`),
  ]
}
