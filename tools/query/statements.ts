// Tested in test/tools/query/text.test.ts.

/** A text cut at the semicolons that end statements. */
export interface Split {
  /** Whole statements without their semicolon, blank ones left out. */
  readonly statements: readonly string[]
  /** What follows the last semicolon. */
  readonly rest: string
  /** Whether the rest, apart from blanks and comments, is empty. */
  readonly isBlank: boolean
}

// What a semicolon does not end: quoted texts and names, E'…' with its backslashes, $tag$…$tag$, comments. One that is
// not closed runs to the end.
const token =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(?<tag>\$\w*\$)[\s\S]*?(?:\k<tag>|$)|(?<end>;)|(?<blank>\s+)|[\s\S]/gy

/** Splits SQL into statements as DuckDB's parser would; never throws. */
export function splitStatements(sql: string): Split {
  const statements: string[] = []
  let [start, isBlank] = [0, true]
  for (const match of sql.matchAll(token)) {
    const { comment, end, blank } = match.groups ?? {}
    if (end !== undefined) {
      if (!isBlank) statements.push(sql.slice(start, match.index).trim())
      ;[start, isBlank] = [match.index + 1, true]
    } else if (comment === undefined && blank === undefined) isBlank = false
  }
  return { statements, rest: sql.slice(start), isBlank }
}

/** All statements of a text whose last need not end in a semicolon. */
export function allStatements(sql: string): readonly string[] {
  const { statements, rest, isBlank } = splitStatements(sql)
  return isBlank ? statements : [...statements, rest.trim()]
}

/** The statement without the comments before its first word. */
export function withoutLeadingComments(sql: string): string {
  return sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')
}
