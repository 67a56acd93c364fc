// Tested in test/local/hub/protocol.test.ts.
import { type Position } from './log'

const start: Position = { kind: 'offset', value: -1, inclusive: false }
const kinds = { 'sequence-number': 'sequence', offset: 'offset', 'enqueued-time': 'enqueuedTime' } as const
const pattern = /^\s*amqp\.annotation\.x-opt-(sequence-number|offset|enqueued-time)\s*(>=?)\s*'?(@latest|-?\d+)'?\s*$/

/** A selector this hub cannot evaluate. */
export class UnknownSelector extends Error {
  override readonly name = 'UnknownSelector'
}

/**
 * The starting position in the source filter of a receiver link; the start of the partition when there is none. The
 * filter map is searched by value, since clients differ in the key and descriptor they put around the expression.
 * Throws `UnknownSelector` for an expression other than a comparison of offset, sequence number or enqueued time.
 */
export function parseFilter(filter: unknown): Position {
  const expressions = Object.values(typeof filter === 'object' && filter !== null ? filter : {})
    .flatMap(texts)
    .filter((text) => text.includes('amqp.annotation.'))
  const expression = expressions[0]
  return expression === undefined ? start : parseSelector(expression)
}

/** Strings in a filter value, which may be plain, described (`{ value, descriptor }`) or a list of either. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(texts)
  if (typeof value === 'object' && value !== null && 'value' in value) return texts(value.value)
  return []
}

/** The position in an expression such as `amqp.annotation.x-opt-offset > '-1'`. Throws `UnknownSelector`. */
function parseSelector(expression: string): Position {
  const [, annotation, operator, value] = pattern.exec(expression) ?? []
  if (annotation === undefined || operator === undefined || value === undefined) {
    throw new UnknownSelector(
      `selector: expected amqp.annotation.x-opt-{offset|sequence-number|enqueued-time} {>|>=} '…', got ${expression}`,
    )
  }
  if (value === '@latest') return { kind: 'latest' }
  return { kind: kinds[annotation as keyof typeof kinds], value: Number(value), inclusive: operator === '>=' }
}
