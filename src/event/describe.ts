/* Tested in test/event/decode.test.ts and test/tools/docs-events.test.ts. */

import { patternOf } from './patterns'

/** The parts of a JSON Schema that the wire contract uses. */
export interface FieldSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly not?: { readonly const: unknown }
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: FieldSchema
  readonly properties?: Readonly<Record<string, FieldSchema>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly description?: string
}

/** The JSON type a field asks for, in one word or two. */
export function typeOf(schema: FieldSchema): string {
  if (schema.const !== undefined || schema.enum !== undefined) return 'text'
  if (schema.type === 'string') return 'text'
  if (schema.type === 'integer') return 'whole number'
  return schema.type ?? 'anything'
}

/** The bounds of a field in words, empty when it has none. Serves reject details and docs/events.md alike. */
export function boundsOf(schema: FieldSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, multipleOf } = schema
  const parts = [
    schema.const !== undefined && JSON.stringify(schema.const),
    schema.enum && `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`,
    minimum !== undefined && maximum !== undefined && `${minimum} to ${maximum}`,
    multipleOf !== undefined && `at most ${Math.round(-Math.log10(multipleOf))} decimals`,
    schema.not && `not ${JSON.stringify(schema.not.const)}`,
    minLength !== undefined && maxLength !== undefined && `${minLength} to ${maxLength} characters`,
    minItems !== undefined && maxItems !== undefined && `${minItems} to ${maxItems} items`,
    schema.pattern !== undefined && patternOf(schema.pattern).expected,
  ]
  return parts.filter((part) => typeof part === 'string').join(', ')
}

/** What a field must be, in words: `whole number, 0 to 1000000000`. */
export function expectation(schema: FieldSchema): string {
  return [typeOf(schema), boundsOf(schema)].filter((part) => part !== '').join(', ')
}

const gotLength = 40

/** A value that came, short enough and clean enough for a log line, a table and a terminal. */
export function got(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return `array of ${value.length}`
  if (typeof value === 'string') return `"${clean(value.length > gotLength ? `${value.slice(0, gotLength)}…` : value)}"`
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'object'
}

/** Control, format and unpaired characters replaced, so that a detail cannot steer a terminal or break UTF-8. */
export function clean(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}
