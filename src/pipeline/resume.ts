import { step } from '../fold/step'
import { type State } from '../fold/state'
import { type Row } from '../lake/schema'
import { type FileView, readRows, selectFiles } from '../lake/scan'
import { refresh } from '../lake/table'
import { type Snapshot } from '../lake/state'
import { metricNames, record } from '../observe/metrics'
import { readSink } from '../warehouse/live'
import { entryFromRow, replayColumns } from './bronze'
import { deliver, type Effects, type SinkPositions } from './deliver'
import { appId, type Ports } from './ports'
import { readSnapshot } from './snapshots'
import { checkSink, checkTable, stampTables } from './stamp'
import { bronzeGaps } from './tables'

/** A partition as its owner holds it in memory, all of it derived from the lake. */
export interface Owned {
  /** Sequence number of the last message in bronze; undefined before the first. */
  position: number | undefined
  readonly state: State
  readonly positions: SinkPositions
  /** Events folded since the last snapshot. */
  sinceSnapshot: number
}

/** Rows folded at a time while replaying, so that a long replay is bounded in memory. */
const chunkRows = 20_000

/**
 * Takes over a partition: position from bronze's log, state from the newest usable snapshot plus a replay of the bronze
 * rows after it. Sinks that had not got that far, because the last owner died on the way, are brought up to date by the
 * replay.
 */
export async function resume(ports: Ports, partition: number): Promise<Owned> {
  const startedMs = ports.clock()
  const bronze = await refresh(ports.tables.bronze)
  const position = positionIn(bronze, appId(ports.stream, partition))
  if (position === undefined) checkStream(bronze, ports, partition)
  if (bronze.txns.size === 0) await stampTables(ports.tables.derived, ports.rules)
  const place = { stream: ports.stream, partition }
  const { saved, refused } = await readSnapshot(ports.store, place, { upTo: position ?? -1, rules: ports.rules })
  for (const { path, reason } of refused) ports.log('warn', `snapshot ${path} not used: ${reason}`)
  const positions = await sinkPositions(ports, partition)
  const owned: Owned = { position, state: saved.state, positions, sinceSnapshot: 0 }
  if (position !== undefined) {
    const stretch = { state: owned.state, partition, after: saved.sequence, bronze }
    await replay(ports, stretch, async (effects, events) => {
      owned.sinceSnapshot += events
      await deliver(ports, effects, positions)
    })
  }
  const tookMs = ports.clock() - startedMs
  record(metricNames.resumeMs, tookMs, { partition: String(partition) })
  ports.log(
    'info',
    `partition ${partition} resumed at ${position ?? 'the start'}: snapshot ${saved.sequence}, ` +
      `${owned.sinceSnapshot} events replayed, ${tookMs} ms`,
  )
  return owned
}

/** How far each sink is; throws, naming it, when one was folded by other rules. */
async function sinkPositions({ stream, tables, warehouse, rules }: Ports, partition: number): Promise<SinkPositions> {
  const id = appId(stream, partition)
  const sinks = [...tables.derived, [bronzeGaps.name, tables.gaps] as const]
  const found = await Promise.all(
    sinks.map(async ([name, table]) => {
      const snapshot = await refresh(table)
      if (tables.derived.has(name)) checkTable(rules, { name, root: table.root, snapshot })
      return [name, positionIn(snapshot, id)] as const
    }),
  )
  const known = found.filter((entry): entry is readonly [string, number] => entry[1] !== undefined)
  const sink = await readSink(warehouse, { stream, partition })
  checkSink(rules, sink)
  return { tables: new Map(known), warehouse: sink?.sequence }
}

/** The position an application has in a table; undefined when it has none. */
export function positionIn(snapshot: Snapshot, id: string): number | undefined {
  const version = snapshot.txns.get(id)
  return version === undefined ? undefined : Number(version)
}

/** Throws when the partition's rows are another stream's: two of them would share numbers, and neither could resume. */
function checkStream(bronze: Snapshot, { stream }: Ports, partition: number): void {
  const suffix = appId('', partition)
  const other = [...bronze.txns.keys()].find((id) => id.endsWith(suffix))
  if (other === undefined) return
  throw new Error(
    `partition ${partition}: expected bronze of stream "${stream}", got "${other.slice(0, -suffix.length)}"; set ` +
      'STREAM_NAME to that, and raise HUB_GENERATION if another hub takes its place; or give this hub a lake of its own',
  )
}

/** What a replay needs of the ports. */
export type ReplayPorts = Pick<Ports, 'rules' | 'decodeRules'> & { readonly tables: Pick<Ports['tables'], 'bronze'> }

/** A part of a partition's log that bronze holds. */
export interface Stretch {
  readonly partition: number
  /** Rows up to this sequence number are in the state already. */
  readonly after: number
  readonly bronze: Snapshot
  /** What is folded at a time ends here once; default: wherever it does. */
  readonly pauseAt?: number
}

/**
 * Folds a stretch of bronze onto a state, which it changes in place, and gives what that puts out to `take`, some events
 * at a time and each time up to the end of a message.
 */
export async function replay(
  ports: ReplayPorts,
  { state, ...stretch }: Stretch & { readonly state: State },
  take: (effects: Effects, events: number) => Promise<void>,
): Promise<void> {
  const { partition, pauseAt = Infinity } = stretch
  let chunk: Row[] = []
  const fold = async () => {
    const rows = chunk
    chunk = []
    const last = rows.at(-1)
    if (!last) return
    const entries = rows.map((row) => entryFromRow(row, ports.decodeRules))
    const { out, live } = step(state, entries, ports.rules)
    await take({ partition, sequence: Number(last.sequence), out, live }, rows.length)
  }
  for await (const rows of inOrder(ports, stretch)) {
    for (const row of rows) {
      const before = chunk.at(-1)?.sequence
      const isDue = chunk.length >= chunkRows || (Number(before) <= pauseAt && Number(row.sequence) > pauseAt)
      // A message's events stay together: a position is a whole message.
      if (isDue && before !== row.sequence) await fold()
      chunk.push(row)
    }
  }
  await fold()
}

/** The stretch's rows in log order, whatever files they are in; holds no more than files that overlap. */
async function* inOrder(ports: ReplayPorts, { partition, after, bronze }: Stretch): AsyncGenerator<readonly Row[]> {
  const wanted = (file: FileView) =>
    within(file, 'partition_id', [partition, partition]) && within(file, 'sequence', [after + 1, Infinity])
  const views = new Map<string, FileView>()
  selectFiles(bronze, { where: (file) => wanted(file) && views.set(file.path, file) !== undefined })
  const files = [...views.values()].sort((a, b) => least(a) - least(b))
  let held: Row[] = []
  for (const [index, file] of files.entries()) {
    const where = (candidate: FileView) => candidate.path === file.path
    for await (const rows of readRows(ports.tables.bronze, bronze, { columns: replayColumns, where })) {
      for (const row of rows) if (row.partition_id === partition && Number(row.sequence) > after) held.push(row)
    }
    const next = files[index + 1]
    const settledBelow = next ? least(next) : Infinity
    held.sort((a, b) => Number(a.sequence) - Number(b.sequence) || Number(a.item) - Number(b.item))
    const unsettled = held.findIndex((row) => Number(row.sequence) >= settledBelow)
    const end = unsettled === -1 ? held.length : unsettled
    yield held.slice(0, end)
    held = held.slice(end)
  }
}

/** Whether a file may hold values of a column from `low` to `high`; a bound nobody wrote may be anything. */
export function within(file: FileView, column: string, [low, high]: readonly [low: number, high: number]): boolean {
  return Number(file.max[column] ?? Infinity) >= low && Number(file.min[column] ?? -Infinity) <= high
}

function least(file: FileView): number {
  return Number(file.min.sequence ?? -1)
}
