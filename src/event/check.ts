/* Tested in test/event/decode.test.ts. */

import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv'
import { clean, expectation, type FieldSchema, got } from './describe'
import { isMultipleOf } from './money'
import { patternOf } from './patterns'
import { type EventType, schemas, type Wire } from './schema'

/** The verdict of validating a JSON value against the contract. */
export type Checked =
  { readonly kind: 'fits'; readonly wire: Wire<EventType> } | { readonly kind: 'fault'; readonly detail: string }

const ajv = new Ajv({
  // An error names the value that came and the schema of the field, which is what a detail is made of.
  verbose: true,
  code: {
    regExp: Object.assign(
      (source: string) => ({ test: patternOf(source).test, toString: () => source }),
      // Ajv tells one engine from another by this name.
      { code: 'wirePatterns' },
    ),
  },
})
// Ajv's own multipleOf divides and compares with a tolerance; for prices it has to be exact.
ajv.removeKeyword('multipleOf')
ajv.addKeyword({
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  compile: (step: number) => (value: number) => isMultipleOf(value, step),
})

// One validator per type: the right table is known from `type`, and its first fault is the one to report.
const validators: ReadonlyMap<unknown, ValidateFunction<Wire<EventType>>> = new Map(
  Object.entries(schemas).map(([type, schema]) => [type, ajv.compile<Wire<EventType>>(schema)]),
)
const typeNames = `one of ${[...validators.keys()].map((name) => JSON.stringify(name)).join(', ')}`
const maxDetailLength = 200

/** Checks one JSON value against the schema its `type` names. Never throws; the detail is at most 200 characters. */
export function check(value: unknown): Checked {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fault('event', 'object', value)
  const type: unknown = 'type' in value ? value.type : undefined
  const validate = validators.get(type)
  if (validate === undefined) return fault('type', typeNames, type)
  if (validate(value)) return { kind: 'fits', wire: value }
  const error = validate.errors?.[0]
  return error === undefined ? fault('event', 'valid', value) : schemaFault(error)
}

/** A fault at a field: where, what was expected, what came. */
export function fault(path: string, expected: string, value: unknown): Checked & { kind: 'fault' } {
  return { kind: 'fault', detail: shortened(clean(`${path}: expected ${expected}, got ${got(value)}`)) }
}

/** A detail no longer than one may be, an ellipsis where it was cut. */
export function shortened(detail: string): string {
  return detail.length > maxDetailLength ? `${detail.slice(0, maxDetailLength - 1)}…` : detail
}

function schemaFault(error: ErrorObject): Checked {
  const path = error.instancePath.slice(1)
  const schema = error.parentSchema as FieldSchema | undefined
  if (error.keyword !== 'required') return fault(path, expectation(schema ?? {}), error.data)
  const missing = String(error.params['missingProperty'])
  const field = schema?.properties?.[missing]
  return fault(path === '' ? missing : `${path}/${missing}`, expectation(field ?? {}), undefined)
}
