import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { startStorage } from '../local/storage/storage'
import { azureCredential } from '../src/azure/credential'
import { openLakeStore } from '../src/azure/lake-store'
import { append } from '../src/lake/write/append'
import { appendShared } from '../src/lake/write/shared-append'
import { type TableSchema } from '../src/lake/schema'
import { type Store } from '../src/lake/store'
import { openTable } from '../src/lake/open-table'
import { type Table } from '../src/lake/table'

/** How long and with how many writers `benchCommits` appends. */
export interface CommitsBenchOptions {
  readonly writers?: readonly number[]
  /** Per number of writers and way of committing. */
  readonly budgetMs?: number
  readonly rowsPerAppend?: number
}

/** Appends per second that came back committed, all writers together, and log entries per second. */
export interface CommitRate {
  readonly appendsPerSecond: number
  readonly entriesPerSecond: number
}

/** By number of writers: one table they share, as in one process, and a table opened by each, as in as many processes. */
export interface CommitsBench {
  readonly rowsPerAppend: number
  readonly writers: readonly {
    readonly writers: number
    readonly shared: CommitRate
    readonly contending: CommitRate
    /** Appends per second of the shared way to those of the contending one. */
    readonly sharedToContending: number
    /** Appends per second of the shared way to those of a single writer. */
    readonly sharedToAlone: number
  }[]
}

const schema: TableSchema = {
  columns: [
    { name: 'date', type: 'date', nullable: false },
    { name: 'writer', type: 'integer', nullable: false },
    { name: 'sequence', type: 'long', nullable: false },
    { name: 'body', type: 'string', nullable: false },
  ],
  partitionBy: ['date'],
}

/**
 * Appends small batches to one table from many writers at once, each waiting for its commit before it goes on, over the
 * local stack's gateway and Azurite on free ports. Does not measure: a network, Azure's own latency, which is several
 * times longer and favours sharing further, and writers that spend time between commits. Contending writers are in
 * this process too, so they also share its one thread, and the storage has the rest of the machine.
 */
export async function benchCommits({
  writers = [1, 4, 16, 32],
  budgetMs = 5_000,
  rowsPerAppend = 50,
}: CommitsBenchOptions = {}): Promise<CommitsBench> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tillstream-bench-commits-'))
  const storage = await startStorage({ dataDir, ports: { lake: 0, blob: 0, queue: 0, table: 0 } })
  try {
    const store = openLakeStore({ url: storage.url, credential: await azureCredential({ url: storage.url }) })
    const run = (ways: 'shared' | 'contending', count: number) =>
      rateOf(store, { ways, writers: count, budgetMs, rowsPerAppend })
    await rateOf(store, { ways: 'shared', writers: 1, budgetMs: budgetMs / 5, rowsPerAppend })
    const alone = await run('shared', 1)
    const measured: CommitsBench['writers'][number][] = []
    for (const count of writers) {
      const [shared, contending] = [await run('shared', count), await run('contending', count)]
      measured.push({
        writers: count,
        shared,
        contending,
        sharedToContending: ratio(shared, contending),
        sharedToAlone: ratio(shared, alone),
      })
    }
    return { rowsPerAppend, writers: measured }
  } finally {
    await storage.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

function ratio(a: CommitRate, b: CommitRate): number {
  return Math.round((100 * a.appendsPerSecond) / b.appendsPerSecond) / 100
}

let tables = 0

async function rateOf(
  store: Store,
  run: {
    readonly ways: 'shared' | 'contending'
    readonly writers: number
    readonly budgetMs: number
    readonly rowsPerAppend: number
  },
): Promise<CommitRate> {
  const root = `bronze/bench-${tables++}`
  const opened: Table[] = []
  for (let writer = 0; writer < run.writers; writer++) {
    const [first] = opened
    opened.push(first && run.ways === 'shared' ? first : await openTable({ store, root, schema }))
  }
  const startMs = performance.now()
  const endMs = startMs + run.budgetMs
  const appends = await Promise.all(opened.map((table, writer) => write(table, { ...run, writer, endMs })))
  const seconds = (performance.now() - startMs) / 1000
  const entries = Math.max(...opened.map(({ seen }) => seen.snapshot.version))
  const perSecond = (count: number) => Math.round((10 * count) / seconds) / 10
  return { appendsPerSecond: perSecond(appends.reduce((sum, n) => sum + n, 0)), entriesPerSecond: perSecond(entries) }
}

/** Appends until the time is over; returns how often. Throws when a batch is not taken. */
async function write(
  table: Table,
  {
    ways,
    writer,
    endMs,
    rowsPerAppend,
  }: {
    readonly ways: 'shared' | 'contending'
    readonly writer: number
    readonly endMs: number
    readonly rowsPerAppend: number
  },
): Promise<number> {
  const take = ways === 'shared' ? appendShared : append
  let done = 0
  while (performance.now() < endMs) {
    const rows = Array.from({ length: rowsPerAppend }, (_, i) => {
      return { date: '2010-12-01', writer, sequence: done * rowsPerAppend + i, body: `line ${i} of batch ${done}` }
    })
    const moves = [{ appId: `writer-${writer}`, after: done === 0 ? undefined : done - 1, version: done }]
    const result = await take(table, { rows, moves, operation: 'STREAMING UPDATE' })
    if (result.kind !== 'committed') throw new Error(`bench: expected batch ${done} committed, got ${result.kind}`)
    done++
  }
  return done
}
