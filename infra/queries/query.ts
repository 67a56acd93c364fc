import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A query as its file has it; the comment at the head says what it answers. */
export interface Query {
  /** Path without ending, from the folder of queries: `latency`, `alerts/pipe-broken`. */
  readonly name: string
  readonly answers: string
  /** The whole file, comment included. */
  readonly text: string
}

/** Synthesis runs at the root of the repository, compiled or not. */
const folder = join(process.cwd(), 'infra', 'queries')

/** Every query there is, by name, in order: the same list on every machine. */
export const queries: ReadonlyMap<string, Query> = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.kql'))
    .map((path) => path.replaceAll('\\', '/').replace(/\.kql$/, ''))
    .sort()
    .map((name) => [name, readQuery(name)]),
)

/** A query by name. Throws when there is no such file. */
export function queryNamed(name: string): Query {
  const query = queries.get(name)
  if (!query) throw new Error(`query ${name}: expected infra/queries/${name}.kql, found none; there are ${known()}`)
  return query
}

/** Text as it must stand in a Terraform string, where `${` and `%{` begin a template. */
export function literal(text: string): string {
  return text.replace(/([$%])\{/g, '$1$1{')
}

function readQuery(name: string): Query {
  const text = readFileSync(join(folder, `${name}.kql`), 'utf8').trim()
  const head = text.split('\n').findIndex((line) => !line.startsWith('//'))
  const comment = text.split('\n').slice(0, head)
  const answers = comment.map((line) => line.replace(/^\/\/\s*/, '')).join(' ')
  if (answers === '') throw new Error(`query ${name}: expected a comment at its head that says what it answers`)
  return { name, answers, text }
}

function known(): string {
  return [...queries.keys()].join(', ')
}
