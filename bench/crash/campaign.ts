import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { upkeep } from './beside'
import { allCases, type Case, caseId, caseOf, undisturbed } from './cases'
import { openDatabase, type Server, startServer } from './database'
import { effects } from './effect'
import { isFault, judge, type Verdict } from './judge'
import { differenceOf } from './rows'
import { runPlan } from './run'
import { type Order } from './worker'
import { createWorkload } from './workload'

export interface CampaignOptions {
  readonly seed: string
  /** Only strikes on these steps, both included. */
  readonly steps?: readonly [from: number, to: number]
  /** Only this effect, or this seeded kind. */
  readonly fault?: string
  /** Only so many runs of each seeded kind. */
  readonly perKind: number
  /** No further case is begun after so long. */
  readonly budgetMs: number
  readonly workers: number
  readonly onVerdict?: (verdict: Verdict, left: number) => void
}

/** The sum of a campaign. */
export interface Report {
  readonly ok: boolean
  readonly seed: string
  /** Steps of the undisturbed run: every read, list, write and rename of the store, every statement and commit, every page read back. */
  readonly steps: number
  readonly runs: number
  /** Rows missing, there twice or uncalled for, and there with another content, over all runs. */
  readonly lost: number
  readonly duplicated: number
  readonly wrong: number
  /** Runs that never came to an end. */
  readonly stuck: number
  /** Cases the budget left no time for. */
  readonly left: number
  readonly seconds: number
  readonly runsByFault: Readonly<Record<string, number>>
  readonly failures: readonly (Verdict & { readonly replay: string })[]
}

const failuresShown = 20

/** Runs every case of a seed on a few processes, each with a database of its own on one server. */
export async function runCampaign(options: CampaignOptions): Promise<Report> {
  const startedMs = performance.now()
  const server = await startServer()
  try {
    const { seed } = options
    const { steps, cases } = await plan(server, options)
    const verdicts = await spread(server, cases, options)
    const sum = (count: 'lost' | 'duplicated' | 'wrong' | 'stuck') =>
      verdicts.reduce((total, verdict) => total + verdict[count], 0)
    const failed = verdicts.filter(isFault)
    const replay = (id: string) => `npm run test:crash -- --seed ${seed} --case '${id}'`
    return {
      ok: failed.length === 0,
      seed,
      steps,
      runs: verdicts.length,
      lost: sum('lost'),
      duplicated: sum('duplicated'),
      wrong: sum('wrong'),
      stuck: sum('stuck'),
      left: cases.length - verdicts.length,
      seconds: Math.round(performance.now() - startedMs) / 1000,
      runsByFault: countByFault(verdicts),
      failures: failed.slice(0, failuresShown).map((verdict) => ({ ...verdict, replay: replay(verdict.id) })),
    }
  } finally {
    await server.close()
  }
}

/** Runs one case by itself and tells all its steps; the verdict is the same as within a campaign. */
export async function replayCase(seed: string, id: string, trace: (line: string) => void): Promise<Verdict> {
  const server = await startServer()
  const warehouse = openDatabase(await server.createDatabase('replay'))
  try {
    const world = { workload: createWorkload(seed), beside: upkeep, warehouse }
    const { rows } = await runPlan(world, undisturbed)
    return await judge({ ...world, trace }, caseOf(id), { seed, expected: rows })
  } finally {
    await warehouse.close()
    await server.close()
  }
}

/** The cases of a campaign. Throws when the undisturbed run does not repeat itself: nothing could be replayed then. */
async function plan(server: Server, { seed, steps, fault, perKind }: CampaignOptions) {
  const warehouse = openDatabase(await server.createDatabase('plan'))
  try {
    const world = { workload: createWorkload(seed), beside: upkeep, warehouse }
    const first = await runPlan(world, undisturbed)
    const second = await runPlan(world, undisturbed)
    const differs = first.calls.findIndex((call, index) => call.text !== second.calls[index]?.text)
    const { lost, duplicated, wrong } = differenceOf(first.rows, second.rows)
    if (differs !== -1 || lost + duplicated + wrong > 0) {
      throw new Error(`simulation: expected the same run twice, got another at step ${differs + 1}`)
    }
    const wanted = (one: Case) =>
      (fault === undefined || nameOf(one) === fault) &&
      (steps === undefined || (one.kind === 'strike' && one.step >= steps[0] && one.step <= steps[1]))
    return { steps: first.steps, cases: allCases(seed, first, { perKind }).filter(wanted) }
  } finally {
    await warehouse.close()
  }
}

/** Hands each worker the next case as soon as it has done one. */
async function spread(
  server: Server,
  cases: readonly Case[],
  { seed, budgetMs, workers, onVerdict }: CampaignOptions,
): Promise<readonly Verdict[]> {
  const untilMs = performance.now() + budgetMs
  const verdicts: Verdict[] = []
  const queue = cases[Symbol.iterator]()
  const drain = async (index: number) => {
    const settings = await server.createDatabase(`worker_${index}`)
    const worker = startWorker()
    try {
      worker.tell({ kind: 'start', seed, settings })
      for (const one of queue) {
        worker.tell({ kind: 'case', id: caseId(one) })
        const verdict = await worker.answer()
        verdicts.push(verdict)
        onVerdict?.(verdict, cases.length - verdicts.length)
        if (performance.now() > untilMs) return
      }
    } finally {
      worker.end()
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, index) => drain(index)))
  return verdicts
}

function startWorker() {
  const child = fork(join(__dirname, 'worker.js'))
  const gone = once(child, 'exit').then(() => {
    throw new Error('simulation: a worker ended by itself; see its error above')
  })
  // Heard by whoever waits for an answer; nobody does once the worker is told to end.
  gone.catch(() => undefined)
  return {
    tell: (order: Order) => child.send(order),
    answer: async () => {
      const [verdict] = (await Promise.race([once(child, 'message'), gone])) as [Verdict]
      return verdict
    },
    end: () => child.disconnect(),
  }
}

function countByFault(verdicts: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { id } of verdicts) {
    const name = nameOf(caseOf(id))
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** What `--fault` calls a case. */
function nameOf(one: Case): string {
  return one.kind === 'strike' ? one.effect : one.kind
}

/** Everything `--fault` may be. */
export const faultNames: readonly string[] = [...effects, 'restarts', 'owners', 'chaos']
