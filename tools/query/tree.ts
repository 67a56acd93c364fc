// Tested in test/tools/query/session.test.ts.

/** A node of DuckDB's own parse tree, as `json_serialize_sql` gives it; only what is looked at here has a type. */
export interface Node {
  readonly type?: string
  readonly class?: string
  readonly [field: string]: unknown
}

/** How one mention of a table reads it. */
export interface TableUse {
  readonly name: string
  /**
   * Terms of WHERE that every row of the table has to meet to count, with the name the table goes by in them. Absent
   * where that cannot be told.
   */
  readonly filter?: { readonly alias: string; readonly isOnlyTable: boolean; readonly terms: readonly Node[] }
}

/** What a statement mentions. */
export interface Mentions {
  readonly tables: readonly TableUse[]
  /** Names that `WITH` gives, in lower case. */
  readonly defined: ReadonlySet<string>
  /** `SHOW TABLES`. */
  readonly listsTables: boolean
}

/** Finds the tables a parsed statement reads; those in a schema of DuckDB's own (`information_schema.…`) are left out. */
export function mentionsOf(statement: unknown): Mentions {
  const tables: TableUse[] = []
  const defined = new Set<string>()
  let listsTables = false
  const filters = new Map<Node, TableUse['filter']>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as Node
    if (node.type === 'SELECT_NODE') for (const [table, filter] of filtersOf(node)) filters.set(table, filter)
    if (node.type === 'SHOW_REF' && node.query === null) listsTables = true
    if (node.cte_map) for (const name of definedIn(node.cte_map)) defined.add(name)
    if (node.type === 'BASE_TABLE' && node.schema_name === '' && node.catalog_name === '') {
      const filter = filters.get(node)
      tables.push({ name: String(node.table_name), ...(filter && { filter }) })
    }
    Object.values(node).forEach(visit)
  }
  visit(statement)
  return { tables, defined, listsTables }
}

function definedIn(map: unknown): readonly string[] {
  const { map: entries = [] } = map as { readonly map?: readonly { readonly key: string }[] }
  return entries.map(({ key }) => key.toLowerCase())
}

/** The terms of a SELECT's WHERE for each table that all of its FROM joins inwardly. */
function filtersOf({ from_table, where_clause }: Node): readonly (readonly [Node, TableUse['filter']])[] {
  const joined = innerTables(from_table as Node)
  const terms = termsOf(where_clause as Node | null)
  if (!joined || terms.length === 0) return []
  const isOnlyTable = joined.length === 1
  return joined.flatMap((table) => {
    if (table.type !== 'BASE_TABLE' || !isPlain(table)) return []
    const alias = String(table.alias === '' ? table.table_name : table.alias)
    return [[table, { alias, isOnlyTable, terms }]] as const
  })
}

/** Samples, renamed columns and versions of DuckDB's own would change what WHERE is about. */
function isPlain({ sample, at_clause, column_name_alias }: Node): boolean {
  return sample === null && at_clause === null && (column_name_alias as readonly unknown[]).length === 0
}

/**
 * The sources of a FROM in which every join is an inner one: a row that WHERE refuses can then be missing from its table.
 * Undefined with any other join, where a missing row can make another one appear.
 */
function innerTables(from: Node): readonly Node[] | undefined {
  if (from.type !== 'JOIN') return [from]
  const isInner = from.join_type === 'INNER' && ['REGULAR', 'CROSS'].includes(String(from.ref_type))
  const [left, right] = isInner ? [innerTables(from.left as Node), innerTables(from.right as Node)] : []
  return left && right && [...left, ...right]
}

function termsOf(where: Node | null): readonly Node[] {
  if (!where) return []
  if (where.type === 'CONJUNCTION_AND') return (where.children as readonly Node[]).flatMap(termsOf)
  return [where]
}

/** Classes of expressions whose value depends on nothing but what is below them. */
const plainClasses = ['COMPARISON', 'CONJUNCTION', 'CONSTANT', 'CAST', 'BETWEEN', 'OPERATOR']
const plainFunctions = [
  '+',
  '-',
  'to_days',
  'to_months',
  'to_years',
  'trunc',
  'date_trunc',
  'year',
  'month',
  'day',
  'today',
]

/** The terms that can be decided from the partition columns alone. */
export function partitionTerms(
  { alias, isOnlyTable, terms }: NonNullable<TableUse['filter']>,
  partitionBy: readonly string[],
): readonly Node[] {
  const isKnown = (names: readonly string[]) => {
    const [first = '', second] = names.map((name) => name.toLowerCase())
    const columns = partitionBy.map((name) => name.toLowerCase())
    if (second !== undefined) return names.length === 2 && first === alias.toLowerCase() && columns.includes(second)
    return first === 'current_date' || (isOnlyTable && columns.includes(first))
  }
  const isDecidable = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return true
    if (Array.isArray(value)) return value.every(isDecidable)
    const node = value as Node
    if (node.class === 'COLUMN_REF') return isKnown(node.column_names as readonly string[])
    if (node.class === 'FUNCTION' && !plainFunctions.includes(String(node.function_name))) return false
    if (node.class !== undefined && node.class !== 'FUNCTION' && !plainClasses.includes(node.class)) return false
    return Object.values(node).every(isDecidable)
  }
  return terms.filter(isDecidable)
}
