import { basename } from 'node:path'
import { type MapJson } from '../../generator/csv/formats'
import { columnsOf } from '../../generator/csv/source'
import { type Proposal } from './proposal'
import { type Example } from './sample'

/** Columns of a terminal that nothing is wider than. */
const width = 80
const labelWidth = 16

/** What was understood of a file, for people: how it is written, which column is which field, and some rows as events. */
export function showProposal(proposal: Proposal, examples: readonly Example[]): string {
  const { file, format, encoding, delimiter, header, json, map, assumed } = proposal
  const used = new Set(columnsOf(map))
  const notUsed = header.filter((column) => !used.has(column))
  return [
    ...labelled('', `${basename(file)}: ${format?.title ?? 'no known format; by its headers and values'}`),
    ...labelled('file', `${encoding}, ${delimiterName(delimiter)}, ${header.length} columns, numbers as ${numbersAs(json)}`),
    ...labelled('time', timeText(json)),
    ...labelled('currency', json.currency),
    ...labelled('an order', orderText(map.orderKey)),
    ...conditionsText(json).flatMap((text, index) => labelled(index === 0 ? 'left out' : '', text)),
    ...fieldsText(json).flatMap(([field, text]) => labelled(field, text)),
    ...(notUsed.length === 0 ? [] : labelled('not used', notUsed.join(', '))),
    ...assumed.flatMap((text, index) => labelled(index === 0 ? 'assumed' : '', text)),
    '',
    `the first ${examples.reduce((sum, { rows }) => sum + rows, 0)} rows as events:`,
    ...examples.flatMap(exampleText),
  ].join('\n')
}

/** `label  text`, the text wrapped beside its label. */
function labelled(label: string, text: string): readonly string[] {
  const indent = label === '' && !text.startsWith(' ') ? '' : ' '
  const room = width - labelWidth - 2
  const lines = wrapped(text, room)
  if (indent === '' && lines.length === 1) return [text.length > width ? `${text.slice(0, width - 1)}…` : text]
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(labelWidth)}${line}`)
}

function wrapped(text: string, room: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
    while (line.length > room) {
      lines.push(line.slice(0, room))
      line = line.slice(room)
    }
  }
  return [...lines, line]
}

function delimiterName(delimiter: string): string {
  const names: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' }
  return names[delimiter] ?? `"${delimiter}" between cells`
}

function numbersAs({ numbers }: MapJson): string {
  return numbers?.['decimal'] === ',' ? '1.234,50' : '1,234.50'
}

function timeText({ time, columns }: MapJson): string {
  const from = time.columns ?? list(columns['eventTime'])
  const zone =
    time.zoneColumn !== undefined
      ? `, zone by "${time.zoneColumn}"`
      : time.zone !== undefined
        ? `, zone ${time.zone}`
        : ', offset in the text'
  return `${from.map(quoted).join(' and ')} as ${list(time.format).join(' or ')}${zone}`
}

function orderText(orderKey: readonly string[]): string {
  return orderKey.length === 0 ? 'rows of one time' : `rows with the same ${orderKey.map(quoted).join(' and ')}`
}

function conditionsText({ where = [] }: MapJson): readonly string[] {
  return where.map(({ column, is, isNot, empty, matches }) => {
    if (isNot) return `rows whose ${quoted(column)} is ${isNot.join(' or ')}`
    if (is) return `rows whose ${quoted(column)} is not ${is.join(' or ')}`
    if (empty !== undefined) return `rows whose ${quoted(column)} is ${empty ? 'not ' : ''}empty`
    return `rows whose ${quoted(column)} does not match ${matches ?? ''}`
  })
}

/** Each field and where it comes from. */
function fieldsText({ columns, constants = {}, order = {} }: MapJson): readonly (readonly [string, string])[] {
  return [
    ...Object.entries(columns)
      .filter(([field]) => field !== 'eventTime')
      .map(([field, from]) => [field, list(from).map(quoted).join(', else ')] as const),
    ...Object.entries(order).map(
      ([field, from]) =>
        [field, `of the order: ${typeof from === 'string' ? quoted(from) : `sum of ${quoted(from.sum)}`}`] as const,
    ),
    ...Object.entries(constants).map(([field, value]) => [field, `always ${JSON.stringify(value)}`] as const),
  ]
}

function exampleText({ event, refusal }: Example): readonly string[] {
  const lines = (event['lines'] ?? []) as readonly Record<string, unknown>[]
  const head = ['eventTime', 'storeId', 'orderId', 'paymentMethod'].map((field) => said(event[field], 'no ' + field))
  const whole = ['discount', 'tip'].filter((field) => event[field] !== undefined)
  return [
    cut(`  ${refusal === undefined ? ' ' : '✗'} ${head.join('  ')}`),
    ...(refusal === undefined ? [] : wrapped(refusal, width - 6).map((line) => `      ${line}`)),
    ...lines.map((line) => cut(`      ${lineText(line)}`)),
    ...(whole.length === 0 ? [] : [`      ${whole.map((field) => `${field} ${said(event[field], '')}`).join(', ')}`]),
  ]
}

function lineText(line: Readonly<Record<string, unknown>>): string {
  const { productId, quantity, unitPrice, amount, discount, taxAmount, kind } = line
  return [
    `${said(quantity, 'no quantity')} × ${said(productId, 'no product')}`,
    amount === undefined ? `at ${said(unitPrice, 'no price')}` : `for ${said(amount, '')}`,
    ...(discount === undefined ? [] : [`less ${said(discount, '')}`]),
    ...(taxAmount === undefined ? [] : [`tax ${said(taxAmount, '')}`]),
    ...(kind === undefined ? [] : [`(${said(kind, '')})`]),
  ].join(' ')
}

function said(value: unknown, otherwise: string): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise
}

function cut(text: string): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text
}

function quoted(column: string): string {
  return `"${column}"`
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
