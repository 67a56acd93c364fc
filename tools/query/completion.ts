// Tested in test/tools/query/text.test.ts.
import { type Catalog } from './open-catalog'

/** Words of SQL that are worth a key. */
const keywords = (
  'SELECT FROM WHERE GROUP BY ORDER BY LIMIT HAVING JOIN LEFT ON USING AS AND OR NOT NULL IS IN BETWEEN LIKE ILIKE ' +
  'DISTINCT CASE WHEN THEN ELSE END WITH UNION ALL EXISTS ASC DESC DATE TIMESTAMP INTERVAL CAST OVER PARTITION QUALIFY ' +
  'DESCRIBE SUMMARIZE EXPLAIN PIVOT EXCLUDE FILTER'
).split(' ')
const functions = (
  'count sum avg min max round date_trunc hour minute strftime coalesce row_number rank median quantile_cont ' +
  'string_agg list json_extract_string decode sketch_estimate sketch_merge sketch_union'
).split(' ')

export const dotCommands = ['.tables', '.schema', '.at', '.limit', '.report', '.help', '.quit'] as const

/** Names there are to complete: columns by table. */
export type Names = ReadonlyMap<string, readonly string[]>

/** The tables of a lake with their columns; tables that cannot be read are left out: a Tab key is no place for an error. */
export async function namesOf(catalog: Catalog): Promise<Names> {
  const tables = await catalog.all()
  const named = await Promise.allSettled(
    tables.map(async (table) => {
      const { schema } = await catalog.snapshot(table)
      return [table.name, schema.columns.map(({ name }) => name)] as const
    }),
  )
  return new Map(named.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])))
}

/**
 * What the last word of a line may become, and that word, as `node:readline` wants them. Columns come from the tables the
 * statement mentions, from all tables while it mentions none.
 */
export function complete(
  line: string,
  { names, before = '' }: { readonly names: Names; readonly before?: string },
): [string[], string] {
  const [word = ''] = /[\w.]*$/.exec(line) ?? []
  const tables = [...names.keys()]
  if (before.trim() === '' && /^\s*\.\w*$/.test(line)) return [matching(dotCommands, word), word]
  if (/^\s*\.schema\s+\w*$/.test(line)) return [matching(tables, word), word]
  // A name after a dot belongs to an alias or table before it.
  const [, stem = '', last = word] = /^(.*\.)(\w*)$/.exec(word) ?? []
  const statement = `${before}\n${line}`
  const mentioned = tables.filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(statement))
  const columns = (mentioned.length > 0 ? mentioned : tables).flatMap((name) => names.get(name) ?? [])
  if (stem !== '') return [matching(columns, last).map((name) => stem + name), word]
  if (/\b(?:from|join|describe|summarize)\s+\w*$/i.test(line)) return [matching(tables, last), word]
  const isUpper = word !== '' && word === word.toUpperCase()
  const cased = keywords.map((keyword) => (isUpper ? keyword : keyword.toLowerCase()))
  return [matching([...columns, ...tables, ...functions, ...cased], last), word]
}

function matching(candidates: readonly string[], word: string): string[] {
  const start = word.toLowerCase()
  return [...new Set(candidates)].filter((name) => name.toLowerCase().startsWith(start)).sort()
}
