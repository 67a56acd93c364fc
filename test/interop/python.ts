import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const requirements = join(__dirname, 'requirements.txt')
const environment = join(__dirname, '..', '..', 'node_modules', '.cache', 'tillstream-interop')

/** A Python with the readers installed, or why there is none. */
export type Python =
  { readonly kind: 'ready'; readonly program: string } | { readonly kind: 'missing'; readonly reason: string }

/** Makes the environment once for each set of requirements; later runs find it. */
export function findPython(): Python {
  const program = join(environment, 'bin', 'python')
  const done = join(environment, 'requirements.txt')
  const wanted = readFileSync(requirements, 'utf8')
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return { kind: 'ready', program }
  rmSync(environment, { recursive: true, force: true })
  const steps: readonly (readonly [string, ...string[]])[] = [
    ['python3', '-m', 'venv', environment],
    [program, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
  ]
  for (const [command, ...args] of steps) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 300_000 })
    if (status === 0) continue
    const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit ${String(status)}`
    return { kind: 'missing', reason: `${command} ${args.slice(0, 3).join(' ')}: ${reason}` }
  }
  writeFileSync(done, wanted)
  return { kind: 'ready', program }
}

/** A running `readers.py`. */
export interface Readers {
  readonly versions: Readonly<Record<string, string>>
  /** A table's rows as text, sorted; throws what the reader threw. */
  read(reader: 'delta-rs' | 'polars', table: { readonly path: string; readonly version?: number }): Promise<string[]>
  /** Appends the first row once more by delta-rs; returns the table's version after it. */
  appendCopy(path: string): Promise<number>
  close(): void
}

export async function startReaders(program: string): Promise<Readers> {
  const child: ChildProcess = spawn(program, [join(__dirname, 'readers.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  if (!child.stdin || !child.stdout) throw new Error('python: expected pipes')
  const { stdin } = child
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => {
    const answer: IteratorResult<string, unknown> = await answers.next()
    if (answer.done === true) throw new Error('python: ended before it answered')
    return JSON.parse(answer.value) as Record<string, unknown>
  }
  const ask = async (request: object) => {
    stdin.write(`${JSON.stringify(request)}\n`)
    const answer = await next()
    if (typeof answer.error === 'string') throw new Error(`${JSON.stringify(request)}: ${answer.error}`)
    return answer
  }
  const { versions } = await next()
  return {
    versions: versions as Record<string, string>,
    read: async (reader, table) => (await ask({ do: 'read', reader, ...table })).lines as string[],
    appendCopy: async (path) => Number((await ask({ do: 'append-copy', path })).version),
    close: () => stdin.end(),
  }
}
