import tables from '../../infra/queries/tables.json'
import { literal, queries } from '../../infra/queries/query'
import { rules } from '../../infra/alerts/rules'
import { sections, workbookJson } from '../../infra/workbook'
import { type MetricName, metricNames, metrics } from '../../src/observe/metrics'
import { type OccurrenceName, occurrenceNames, occurrences } from '../../src/observe/occurrences'
import { analyse } from './kusto'

const all = [...queries.values()]
const names = [...queries.keys()]

/** Names of ours that a text speaks of. */
const spoken = (text: string): string[] => [...text.matchAll(/'(tillstream\.\w+)'/g)].map(([, name]) => name ?? '')

test.each(names)('query %s is sound, and says what it answers', (name) => {
  const { text, answers } = queries.get(name) ?? { text: '', answers: '' }
  expect(analyse(text).faults).toEqual([])
  expect(answers).toMatch(/^[A-Z].{20,}/)
})

test('a query that is broken is found: table, column, function, type, syntax, nothing at all', () => {
  const faultsOf = (text: string) => analyse(text).faults.join()
  expect(faultsOf('AppMetrics | where TimeGeneratd > ago(1h)')).toMatch(/line 1: .*'TimeGeneratd'.*KS142/)
  expect(faultsOf('AppMetric | count')).toMatch(/KS204/)
  expect(faultsOf('AppMetrics | summarize n = summ(Sum)')).toMatch(/KS211/)
  expect(faultsOf("AppMetrics\n| where Sum > 'much'")).toMatch(/line 2: .*KS106/)
  expect(faultsOf('AppMetrics | summarise count()')).not.toBe('')
  expect(faultsOf('// nothing')).toMatch('no columns')
})

/** Joins of a text after which something is added up: what is joined, and on which columns. */
function addedUpAfterJoin(text: string): readonly { readonly right: string; readonly on: string }[] {
  const joins = [...text.matchAll(/\| join [^(\n]*\(([^]*?)\n\s*\) on ([^\n|]+)/g)]
  return joins
    .filter((join) => /\bsum\(|\bcount\(/.test(text.slice(join.index + join[0].length)))
    .map(([, right = '', on = '']) => ({ right, on: on.trim() }))
}

/** Whether a pipe has one row for each value of the columns: its only `summarize` is by them, and nothing spreads the rows. */
function isUniqueBy(pipe: string, columns: string): boolean {
  const groups = [...pipe.matchAll(/\| summarize\b[^|]*?\bby ([^|]+)/g)].map(([, by = '']) => by.trim())
  return groups.length === 1 && groups[0] === columns && !/\| (mv-expand|join|union)\b/.test(pipe)
}

test('what is added up after a join has been joined with at most one row, so nothing counts twice', () => {
  const joins = all.flatMap(({ name, text }) => addedUpAfterJoin(text).map((join) => ({ name, ...join })))
  expect(joins.map(({ name, right, on }) => [name, isUniqueBy(right, on)])).toContainEqual(['failures', true])
  expect(joins.filter(({ right, on }) => !isUniqueBy(right, on)).map(({ name }) => name)).toEqual([])
})

test('a join that counts a row twice would be found', () => {
  const counted = (right: string) =>
    addedUpAfterJoin(
      `AppRequests\n| join kind=leftouter (\n    AppExceptions\n${right}\n  ) on OperationId\n| summarize n = sum(ItemCount)`,
    )
  const verdict = (right: string) => counted(right).map((join) => isUniqueBy(join.right, join.on))
  expect(verdict('    | project OperationId, ExceptionType')).toEqual([false])
  expect(verdict('    | summarize take_any(ExceptionType) by OperationId, ProblemId')).toEqual([false])
  expect(verdict('    | summarize take_any(ExceptionType) by OperationId\n    | project OperationId')).toEqual([true])
})

const numeric = ['int', 'long', 'real', 'decimal']

test.each(rules.filter((rule) => rule.kind === 'query'))(
  'what alert $name compares and tells apart is there',
  (rule) => {
    const { text } = queries.get(`alerts/${rule.name}`) ?? { text: '' }
    const { columns, faults } = analyse(text)
    expect(faults).toEqual([])
    expect(numeric).toContain(columns[rule.measure])
    for (const name of rule.apart ?? []) expect(columns[name]).toBe('string')
  },
)

test('a measure that is no number, or not there, would be found', () => {
  const { columns } = analyse('AppMetrics | summarize name = take_any(Name) by bin(TimeGenerated, 1h)')
  expect(numeric).not.toContain(columns.name)
  expect(columns.missing).toBeUndefined()
})

test('every name of ours in a query is one the app sends, to the table the query reads', () => {
  const sent = Object.values(metricNames).filter((name) => !metrics[name].local)
  for (const { name, text } of all) {
    for (const used of spoken(text)) {
      const table = (sent as string[]).includes(used) ? 'AppMetrics' : 'AppEvents'
      expect([...sent, ...Object.values(occurrenceNames)]).toContain(used)
      expect([name, used, text.includes(table)]).toEqual([name, used, true])
    }
  }
})

test('every metric and occurrence the app sends is looked at by some query', () => {
  const used = new Set(all.flatMap(({ text }) => spoken(text)))
  const sent = [...Object.values(metricNames).filter((name) => !metrics[name].local), ...Object.values(occurrenceNames)]
  expect(sent.filter((name) => !used.has(name))).toEqual([])
})

test('every property a query reads is one that comes with the names it reads', () => {
  for (const { name, text } of all) {
    const declared = spoken(text).flatMap((used) => [
      metrics[used as MetricName]?.dimension,
      ...(occurrences[used as OccurrenceName]?.properties ?? []),
      'summary',
    ])
    const read = [...text.matchAll(/Properties(?:\.(\w+)|\['(\w+)'\])/g)].map(([, dotted, quoted]) => dotted ?? quoted)
    expect([name, read.filter((key) => !declared.includes(key))]).toEqual([name, []])
    const counted = [...text.matchAll(/Measurements(?:\.(\w+)|\['(\w+)'\])/g)].map(
      ([, dotted, quoted]) => dotted ?? quoted,
    )
    expect([name, counted.filter((key) => key !== 'count' && key !== 'occurrences')]).toEqual([name, []])
  }
})

test('every table that is described is used, and every query belongs to an alert or to the workbook', () => {
  const texts = all.map(({ text }) => text).join('\n')
  expect(Object.keys(tables).filter((table) => !new RegExp(`\\b${table}\\b`).test(texts))).toEqual([])
  const shown = sections.flatMap(({ panels }) => panels.map(({ query }) => query))
  const alerted = rules.flatMap((rule) => (rule.kind === 'query' ? [`alerts/${rule.name}`] : []))
  expect([...shown, ...alerted].sort()).toEqual(names)
})

test('what looks like a Terraform template in a text is none afterwards', () => {
  expect(literal('a ${b} %{c} $d %e ${')).toBe('a $${b} %%{c} $d %e $${')
})

test('the workbook holds its queries as they are, and its time range', () => {
  const id = '/subscriptions/0/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/log'
  const workbook = JSON.parse(workbookJson(id)) as { items: { type: number; content: Record<string, unknown> }[] }
  const shown = workbook.items.filter(({ type }) => type === 3).map(({ content }) => content)
  expect(shown).toHaveLength(sections.flatMap(({ panels }) => panels).length)
  for (const { query, crossComponentResources, timeContextFromParameter } of shown) {
    expect(analyse(String(query)).faults).toEqual([])
    expect([crossComponentResources, timeContextFromParameter]).toEqual([[id], 'TimeRange'])
  }
  expect(workbook.items.filter(({ type }) => type === 9)).toHaveLength(1)
})
