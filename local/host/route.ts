/** One route template, compiled; the caller knows which function it leads to. */
export interface Route<T> {
  readonly template: string
  readonly methods: readonly string[]
  readonly target: T
  readonly expression: RegExp
  readonly names: readonly string[]
  /** Sorts before another route that matches the same path when it is smaller. */
  readonly rank: string
}

export interface RouteMatch<T> {
  readonly target: T
  readonly params: Readonly<Record<string, string>>
}

const constraints: Readonly<Record<string, string>> = {
  int: String.raw`-?\d+`,
  long: String.raw`-?\d+`,
  alpha: '[A-Za-z]+',
  bool: 'true|false',
  // How a function has the root: the segment may be missing, and no text is short enough for it.
  'maxlength(0)': '(?!)',
  guid: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}',
}

/**
 * Compiles `items/{id:int}/{part?}` or `files/{*rest}`. Literals ignore case. Throws, naming `where`, on a constraint
 * it does not know and on segments that mix text and parameters.
 */
export function compileRoute<T>(
  template: string,
  methods: readonly string[],
  { target, where }: { target: T; where: string },
): Route<T> {
  const segments = template.split('/').filter((segment) => segment !== '')
  const parts = segments.map((segment) => compileSegment(segment, where))
  return {
    template,
    methods,
    target,
    expression: new RegExp(`^${parts.map((part) => part.source).join('')}/?$`, 'i'),
    names: parts.flatMap((part) => part.name ?? []),
    rank: parts.map((part) => part.rank).join(''),
  }
}

interface Segment {
  readonly source: string
  readonly name?: string
  readonly rank: '0' | '1' | '2' | '3'
}

function compileSegment(segment: string, where: string): Segment {
  if (!/[{}]/.test(segment)) return { source: `/${segment.replace(/[.+*^$()|[\]\\?]/g, '\\$&')}`, rank: '0' }
  const match = /^\{(\*?)([A-Za-z_]\w*)(?::(\w+(?:\(\d+\))?))?(\?)?\}$/.exec(segment)
  if (!match) throw new Error(`${where}: route segment expected text or {name:constraint?}, got "${segment}"`)
  const [, star, name = '', constraint, optional] = match
  if (star) return { source: '(?:/(.*))?', name, rank: '3' }
  const known = constraint === undefined ? '[^/]+' : constraints[constraint]
  if (known === undefined) {
    const names = Object.keys(constraints).join(', ')
    throw new Error(`${where}: route constraint expected one of ${names}, got "${constraint}"`)
  }
  const source = optional ? `(?:/(${known}))?` : `/(${known})`
  return { source, name, rank: constraint === undefined ? '2' : '1' }
}

/** The most literal route that takes this method and path (which starts with a slash); undefined for none. */
export function matchRoute<T>(routes: readonly Route<T>[], method: string, path: string): RouteMatch<T> | undefined {
  let best: { route: Route<T>; values: readonly (string | undefined)[] } | undefined
  for (const route of routes) {
    const match = route.methods.includes(method) ? route.expression.exec(path) : null
    if (match && (!best || route.rank < best.route.rank)) best = { route, values: match.slice(1) }
  }
  if (!best) return undefined
  const { names, target } = best.route
  const entries = names.flatMap((name, at): [string, string][] => {
    const value = best.values[at]
    return value === undefined ? [] : [[name, decodeSegment(value)]]
  })
  return { target, params: Object.fromEntries(entries) }
}

/** A path with a broken escape keeps its raw text rather than fail the request. */
function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
