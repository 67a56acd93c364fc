// Tested in test/tools/query/session.test.ts.
import { type DuckDBConnection } from '@duckdb/node-api'
import { reasonOf } from '../../src/reason'
import { sqlText } from '../../src/lake/duckdb'
import { mentionsOf, type Mentions } from './tree'
import { withoutLeadingComments } from './statements'

/** What `json_serialize_sql` makes of a statement. */
interface Serialized {
  readonly error: boolean
  readonly error_type?: string
  readonly statements?: readonly unknown[]
}

/**
 * Which tables a statement reads, by DuckDB's own parser. Throws DuckDB's error when it does not parse, and one that says
 * what is taken when it does anything but read.
 */
export async function parse(connection: DuckDBConnection, sql: string): Promise<Mentions> {
  const tree = await serialize(connection, sql)
  if (!tree.error) return mentionsOf(tree.statements)
  if (tree.error_type === 'parser') throw await parserError(connection, sql)
  const [, explained] = /^EXPLAIN\s+(?:ANALYZE\s+)?([\s\S]+)$/i.exec(withoutLeadingComments(sql)) ?? []
  if (explained !== undefined) return parse(connection, explained)
  if (/^(?:PIVOT|UNPIVOT|WITH)\b/i.test(withoutLeadingComments(sql))) return pivotMentions(sql)
  const [verb = ''] = /^\w+/.exec(withoutLeadingComments(sql)) ?? []
  throw new Error(
    `query: expected a statement that reads (SELECT, FROM, WITH, VALUES, PIVOT, DESCRIBE, SUMMARIZE, EXPLAIN), ` +
      `got ${verb.toUpperCase()}; the lake is not written from here`,
  )
}

/** The parser's own words, with the line and a caret below the place. */
async function parserError(connection: DuckDBConnection, sql: string): Promise<Error> {
  try {
    await connection.extractStatements(sql)
    return new Error('query: expected a statement, got what DuckDB cannot parse')
  } catch (cause) {
    const message = reasonOf(cause)
    return new Error(message.replace(/^Failed to extract statements: /, ''), { cause })
  }
}

/** DuckDB rewrites PIVOT before there is a tree to be had: the names after the words that a table follows. */
function pivotMentions(sql: string): Mentions {
  const names = [...sql.matchAll(/\b(?:PIVOT|UNPIVOT|FROM|JOIN)\s+"?(\w+)"?/gi)].map(([, name = '']) => name)
  const defined = [...sql.matchAll(/\b(\w+)\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s+)?\(/gi)].map(([, name = '']) => name)
  const tables = names.map((name) => ({ name }))
  return { tables, defined: new Set(defined.map((name) => name.toLowerCase())), listsTables: false }
}

async function serialize(connection: DuckDBConnection, sql: string): Promise<Serialized> {
  const reader = await connection.runAndReadAll(`SELECT json_serialize_sql(${sqlText(sql)})`)
  return JSON.parse(String(reader.getRows()[0]?.[0])) as Serialized
}
