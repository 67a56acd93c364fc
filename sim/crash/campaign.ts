// Tested by npm run test:crash.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Warehouse } from '../../src/warehouse/connection'
import { allCases, type Case, caseId, caseOf, type Company, faultOf, undisturbed } from './cases'
import { openDatabase, startServer } from './database'
import { isFault, judge, type Verdict } from './judge'
import { differenceOf } from './rows'
import { type Ran, runPlan, type World } from './run'
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
  /** Steps of upkeep where it runs beside. */
  readonly upkeepSteps: number
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

/** Runs every case of a seed on a few processes, each with a server of its own. */
export async function runCampaign(options: CampaignOptions): Promise<Report> {
  const startedMs = performance.now()
  const { seed } = options
  const { steps, upkeepSteps, cases } = await withDatabase((warehouse) => plan(warehouse, options))
  const verdicts = await spread(cases, options)
  const sum = (count: 'lost' | 'duplicated' | 'wrong' | 'stuck') =>
    verdicts.reduce((total, verdict) => total + verdict[count], 0)
  const failed = verdicts.filter(isFault)
  const replay = (id: string) => `npm run test:crash -- --seed ${seed} --case '${id}'`
  return {
    ok: failed.length === 0,
    seed,
    steps,
    upkeepSteps,
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
}

/** Runs one case by itself and tells all its steps; the verdict is the same as within a campaign. */
export function replayCase(seed: string, id: string, trace: (line: string) => void): Promise<Verdict> {
  return withDatabase(async (warehouse) => {
    const world = { workload: createWorkload(seed), warehouse }
    const { rows } = await runPlan(world, undisturbed('alone'))
    return judge({ ...world, trace }, caseOf(id), { seed, expected: rows })
  })
}

async function withDatabase<T>(work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const server = await startServer()
  try {
    const warehouse = openDatabase(await server.createDatabase('crash'))
    return await work(warehouse).finally(() => warehouse.close())
  } finally {
    await server.close()
  }
}

async function plan(warehouse: Warehouse, { seed, steps, fault, perKind }: CampaignOptions) {
  const world = { workload: createWorkload(seed), warehouse }
  const [alone, upkeep] = [await runTwice(world, 'alone'), await runTwice(world, 'upkeep')]
  expectSame(alone, upkeep, 'the same rows with and without upkeep')
  const wanted = (one: Case) =>
    (fault === undefined || faultOf(one) === fault) &&
    (steps === undefined || (one.kind === 'strike' && one.step >= steps[0] && one.step <= steps[1]))
  const cases = allCases(seed, { alone, upkeep }, { perKind }).filter(wanted)
  return { steps: alone.steps.length, upkeepSteps: upkeep.steps.filter(({ by }) => by === 'beside').length, cases }
}

/** An undisturbed run. Throws when it does not repeat itself: nothing could be replayed then. */
async function runTwice(world: World, company: Company): Promise<Ran> {
  const [first, second] = [await runPlan(world, undisturbed(company)), await runPlan(world, undisturbed(company))]
  const differs = first.steps.findIndex(({ text }, index) => text !== second.steps[index]?.text)
  if (differs !== -1) throw new Error(`simulation: expected the same steps twice, got another at ${differs + 1}`)
  expectSame(first, second, 'the same rows twice')
  return first
}

function expectSame(first: Ran, second: Ran, expected: string): void {
  const { lost, duplicated, wrong, examples } = differenceOf(first.rows, second.rows)
  if (lost + duplicated + wrong > 0) throw new Error(`simulation: expected ${expected}, got ${examples[0] ?? ''}`)
}

/** Hands each worker the next case as soon as it has done one. */
async function spread(
  cases: readonly Case[],
  { seed, budgetMs, workers, onVerdict }: CampaignOptions,
): Promise<readonly Verdict[]> {
  const untilMs = performance.now() + budgetMs
  const verdicts: Verdict[] = []
  const queue = [...cases]
  const drain = async () => {
    const worker = startWorker()
    try {
      worker.tell({ kind: 'start', seed })
      for (let next = queue.shift(); next && performance.now() < untilMs; next = queue.shift()) {
        worker.tell({ kind: 'case', id: caseId(next) })
        const verdict = await worker.answer()
        verdicts.push(verdict)
        onVerdict?.(verdict, cases.length - verdicts.length)
      }
    } finally {
      await worker.end()
    }
  }
  await Promise.all(Array.from({ length: workers }, drain))
  return verdicts
}

function startWorker() {
  const child = fork(join(__dirname, 'worker.js'))
  const exit = once(child, 'exit')
  const gone = exit.then(() => {
    throw new Error('simulation: a worker ended by itself; see its error above')
  })
  // `answer` awaits it. Between answers nothing does, and it would count as an unhandled rejection.
  gone.catch(() => undefined)
  return {
    tell: (order: Order) => child.send(order),
    answer: async () => {
      const [verdict] = (await Promise.race([once(child, 'message'), gone])) as [Verdict]
      return verdict
    },
    end: async () => {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}

function countByFault(verdicts: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { id } of verdicts) {
    const name = faultOf(caseOf(id))
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
