// Tested in test/tools/replay/proposal.test.ts.
import { basename } from 'node:path'
import { type MapJson } from '../../generator/csv/formats'
import { columnsOf } from '../../generator/csv/source'
import { minorDigits } from '../../src/event/currency'
import { type Proposal } from './proposal'
import { type Example } from './sample'

/** Columns of a terminal that nothing is wider than. */
const width = 80
const labelWidth = 16

/** Of the columns that are not used, as many lines as this. */
const unusedLines = 3

/**
 * What was understood of a file, for people: how it is written, which column is which field, the settings that would be
 * written, and some rows as events. No line is wider than 80 columns.
 */
export function showProposal(
  proposal: Proposal,
  { examples, changes }: { readonly examples: readonly Example[]; readonly changes: Readonly<Record<string, string>> },
): string {
  const { file, format, encoding, delimiter, header, json, map, assumed } = proposal
  const used = new Set(columnsOf(map))
  const notUsed = header.filter((column) => !used.has(column))
  const settings = Object.entries(changes).map(([name, value]) => `${name}=${value}`)
  const rows = examples.reduce((sum, each) => sum + each.rows, 0)
  return [
    ...wrapped(`${basename(file)}: ${format?.title ?? 'no known format; by its headers and values'}`, width),
    ...entry(
      'file',
      `${encoding}, ${delimiterName(delimiter)}, ${header.length} columns, numbers as ${numbersAs(json)}`,
    ),
    ...entry('time', timeText(json)),
    ...entry('currency', json.currency),
    ...entry('an order', orderText(map.orderKey)),
    ...entries('left out', conditionsText(json)),
    ...fieldsText(json).flatMap(([field, text]) => entry(field, text)),
    ...(notUsed.length === 0 ? [] : entry('not used', notUsed.join(', '), unusedLines)),
    ...entries('assumed', assumed),
    ...(settings.length === 0 ? [] : entry('settings', `${settings.join(', ')} in a new local.settings.json`)),
    '',
    `the first ${rows} rows that count, as events:`,
    ...examples.flatMap((example) => exampleText(example, json.currency)),
  ].join('\n')
}

/** `label  text`, the text wrapped beside its label and cut after some lines. */
function entry(label: string, text: string, most = Infinity): readonly string[] {
  const all = wrapped(text, width - labelWidth - 2)
  const lines = all.length <= most ? all : [...all.slice(0, most - 1), '… and more']
  return lines.map((line, index) => `  ${(index === 0 ? label : '').padEnd(labelWidth)}${line}`)
}

/** Several texts under one label. */
function entries(label: string, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, index) => entry(index === 0 ? label : '', text))
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

function exampleText({ event, refusal }: Example, currency: string): readonly string[] {
  const money = moneyText(minorDigits(currency))
  const lines = (event['lines'] ?? []) as readonly Record<string, unknown>[]
  const head = ['eventTime', 'storeId', 'orderId', 'paymentMethod'].map((field) => said(event[field], 'no ' + field))
  const whole = ['discount', 'tip'].filter((field) => event[field] !== undefined)
  return [
    cut(`  ${refusal === undefined ? ' ' : '✗'} ${head.join('  ')}`),
    ...(refusal === undefined ? [] : wrapped(refusal, width - 6).map((line) => `      ${line}`)),
    ...lines.map((line) => cut(`      ${lineText(line, money)}`)),
    ...(whole.length === 0 ? [] : [`      ${whole.map((field) => `${field} ${money(event[field])}`).join(', ')}`]),
  ]
}

function lineText(line: Readonly<Record<string, unknown>>, money: (value: unknown) => string): string {
  const { productId, quantity, unitPrice, amount, discount, taxAmount, kind } = line
  return [
    `${said(quantity, 'no quantity')} × ${said(productId, 'no product')}`,
    amount === undefined ? `at ${unitPrice === undefined ? 'no price' : money(unitPrice)}` : `for ${money(amount)}`,
    ...(discount === undefined ? [] : [`less ${money(discount)}`]),
    ...(taxAmount === undefined ? [] : [`tax ${money(taxAmount)}`]),
    ...(kind === undefined ? [] : [`(${said(kind, '')})`]),
  ].join(' ')
}

/** An amount with the places of its currency, or more where it has more; what is no number as it is. */
function moneyText(digits: number): (value: unknown) => string {
  return (value) => {
    if (typeof value !== 'number') return said(value, '')
    const text = String(value)
    return (text.split('.')[1] ?? '').length > digits ? text : value.toFixed(digits)
  }
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
