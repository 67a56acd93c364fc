import fc from 'fast-check'
import { append } from '../../../src/lake/write/append'
import { writeCheckpoint } from '../../../src/lake/upkeep/checkpoint'
import { cleanLog } from '../../../src/lake/upkeep/clean-log'
import { compactPartition } from '../../../src/lake/upkeep/compact'
import { logFolder, parseLogName } from '../../../src/lake/log/log-name'
import { appendShared } from '../../../src/lake/write/shared-append'
import { readSnapshot } from '../../../src/lake/log/read-snapshot'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { type Store } from '../../../src/lake/store'
import { refresh, type Table } from '../../../src/lake/table'
import { vacuum } from '../../../src/lake/upkeep/vacuum'
import { type Fault, faulty } from '../store/faulty-store'
import { memoryStore } from '../store/memory-store'
import { allRows, openSales, sale } from '../tables'
import { runs } from '../../thorough'

const root = 'lake/sales'
const hourMs = 3_600_000
const retentionMs = 48 * hourMs
const configuration = {
  'delta.deletedFileRetentionDuration': 'interval 2 days',
  'delta.logRetentionDuration': 'interval 2 days',
}
const dates = ['2010-12-01', '2010-12-02']
const producers = ['a', 'b', 'c'] as const
const processes = 2

type Job =
  | { readonly kind: 'append'; readonly way: 'alone' | 'shared'; readonly producer: (typeof producers)[number] }
  | { readonly kind: 'checkpoint' | 'vacuum' | 'clean' }
  | { readonly kind: 'compact'; readonly date: string }

/** What several processes do at the same time, after a while and maybe after one of them has started anew. */
interface Step {
  readonly afterMs: number
  readonly restart: number | undefined
  readonly jobs: readonly { readonly process: number; readonly job: Job }[]
}

const anyProcess = fc.nat(processes - 1)
const anyJob: fc.Arbitrary<Job> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      way: fc.constantFrom('alone' as const, 'shared' as const),
      producer: fc.constantFrom(...producers),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('checkpoint' as const, 'vacuum' as const, 'clean' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('compact' as const), date: fc.constantFrom(...dates) }) },
)
const anyStep: fc.Arbitrary<Step> = fc.record({
  afterMs: fc.constantFrom(0, hourMs, 20 * hourMs, 60 * hourMs),
  restart: fc.option(anyProcess, { nil: undefined, freq: 4 }),
  jobs: fc.array(fc.record({ process: anyProcess, job: anyJob }), { minLength: 1, maxLength: 4 }),
})
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({
    call: fc.constantFrom('read' as const, 'list' as const, 'put' as const, 'rename' as const, 'remove' as const),
    nth: fc.integer({ min: 3, max: 60 }),
    effect: fc.constantFrom('refused' as const, 'applied, answer lost' as const),
  }),
  fc.record({
    call: fc.constant('put' as const),
    nth: fc.integer({ min: 3, max: 60 }),
    effect: fc.constant('torn' as const),
  }),
)

/** What the n-th batch of a producer is. */
function batchOf(producer: string, n: number) {
  return dates.map((date, i) => sale(date, `${producer}/${String(n).padStart(3, '0')}`, n * 2 + i))
}

/** The rows that a state must have, by the positions it holds. */
function wantedRows({ txns }: Snapshot): string[] {
  const batches = Array.from(txns, ([producer, last]) =>
    Array.from({ length: Number(last) + 1 }, (_, n) => batchOf(producer, n)),
  )
  return batches
    .flat(2)
    .map((row) => JSON.stringify(row))
    .sort()
}

async function checkState(store: Store, snapshot: Snapshot): Promise<void> {
  const rows = await allRows({ store, root }, snapshot, 'store')
  const found = rows.map((row) => JSON.stringify(row)).sort()
  expect({ version: snapshot.version, rows: found }).toEqual({ version: snapshot.version, rows: wantedRows(snapshot) })
}

/** Every version that was the newest at some time within the retention reads as it was. */
async function checkHistory(store: Store, nowMs: number): Promise<void> {
  const folder = logFolder(root)
  const recent = (await store.list(folder)).flatMap(({ path, modifiedMs }) => {
    const file = parseLogName(path.slice(folder.length + 1))
    return file.kind === 'commit' && modifiedMs > nowMs - retentionMs ? [file.version] : []
  })
  for (const version of new Set(recent.flatMap((commit) => [commit, Math.max(0, commit - 1)]))) {
    await checkState(store, (await readSnapshot(store, root, { version })) as Snapshot)
  }
}

/** Tries until the faults are used up. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!String(error).includes('faulty store') && !causedByFault(error)) throw error
    }
  }
}

function causedByFault(error: unknown): boolean {
  return error instanceof Error && (error.message.startsWith('faulty store') || causedByFault(error.cause))
}

/** A job as its process does it: an error is one of the store's, and is forgotten. */
async function run(table: Table, job: Job, nowMs: number): Promise<void> {
  try {
    switch (job.kind) {
      case 'append': {
        const { producer } = job
        const last = (await refresh(table)).txns.get(producer)
        const n = last === undefined ? 0 : Number(last) + 1
        const moves = [{ appId: producer, after: last, version: n }]
        const take = job.way === 'alone' ? append : appendShared
        await take(table, { rows: batchOf(producer, n), moves, operation: 'STREAMING UPDATE' })
        return
      }
      case 'checkpoint':
        await writeCheckpoint(table)
        return
      case 'vacuum':
        await vacuum(table, { nowMs })
        return
      case 'clean':
        await cleanLog(table, { nowMs })
        return
      case 'compact':
        await compactPartition(table, { partition: { date: job.date }, orderBy: ['store'] })
        return
    }
  } catch (error) {
    if (!causedByFault(error)) throw error
  }
}

test('whatever runs beside whatever, and whatever the store does, rows are those of the positions, in every version kept', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { minLength: 1, maxLength: 12 }),
      fc.array(anyFault, { maxLength: 8 }),
      async (steps, faults) => {
        let ms = Date.UTC(2010, 11, 3)
        const bare = memoryStore({ nowMs: () => ms })
        const store = faulty(bare, ...faults)
        const open = () => untilDone(() => openSales(store, { clock: () => ms, configuration }))
        const tables = await Promise.all(Array.from({ length: processes }, open))
        for (const { afterMs, restart, jobs } of steps) {
          ms += afterMs
          if (restart !== undefined) tables[restart] = await open()
          await Promise.all(jobs.map(({ process, job }) => run(tables[process] ?? (tables[0] as Table), job, ms)))
          await checkState(bare, (await readSnapshot(bare, root)) as Snapshot)
        }
        await checkHistory(bare, ms)
        for (const table of tables) await checkState(bare, await untilDone(() => refresh(table)))
      },
    ),
    // Shrinking a counterexample can take long, and without its end nobody learns the seed.
    { numRuns: runs({ few: 20, many: 60 }), interruptAfterTimeLimit: 45_000 },
  )
})
