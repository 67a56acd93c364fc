import { sizeOf } from '../../fold/state'
import { step } from '../../fold/step'
import { appendShared } from '../../lake/write/shared-append'
import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { type Message } from '../../event/message'
import { bronzeRow, entryOf, logged } from '../rows/bronze'
import { deliver, Superseded } from './deliver'
import { recordLost } from './gap'
import { expected, hubNumber, misnumbered, type Range } from './numbering'
import { piecesOf, type Run } from './pieces'
import { type Ports } from '../ports'
import { appId } from '../position'
import { type Owned, resume } from './resume'
import { writeSnapshot } from './saved-states'
import { checkpointAfter } from '../upkeep'

/** The stream's side of the pipeline, one per process: it remembers the partitions it has resumed. */
export interface Ingest {
  /**
   * Takes a batch of one partition, in order. When it returns, every event of the batch is in bronze and its effects
   * are in silver, gold and PostgreSQL, once (G1, G2). When it throws, any part may be in; the same events, in this or
   * any other cut, complete it. Batches of one partition wait for each other. Numbers are the lake's; when the hub's
   * have started over without HUB_GENERATION saying so, every batch is refused.
   */
  take(partition: number, messages: readonly Message[]): Promise<void>
}

/** How often a batch is tried anew after another owner of its partition has committed first. */
const takeovers = 3

/** Opens the stream's side over its ports. Nothing is read before the first batch of a partition. */
export function openIngest(ports: Ports): Ingest {
  const owned = new Map<number, Owned>()
  const queues = new Map<number, Promise<void>>()
  const attempt = async (partition: number, messages: readonly Message[]) => {
    const remembered = owned.get(partition)
    const held = remembered && follows(messages, remembered, ports) ? remembered : await resume(ports, partition)
    // Out of the map while work is under way: only a batch that went through leaves memory that can be trusted.
    owned.delete(partition)
    await takeBatch(ports, { partition, held, messages })
    owned.set(partition, held)
  }
  const take = async (partition: number, messages: readonly Message[]) => {
    for (let tried = 1; ; tried++) {
      try {
        return await attempt(partition, messages)
      } catch (error) {
        if (!(error instanceof Superseded) || tried === takeovers) throw error
        record(metricNames.conflicts, 1, { partition: String(partition) })
        ports.log('warn', `partition ${partition}: ${error.message}; resuming from the log`)
      }
    }
  }
  return {
    take: (partition, messages) => {
      const before = queues.get(partition) ?? Promise.resolve()
      const turn = before.catch(() => undefined).then(() => take(partition, messages))
      queues.set(partition, turn)
      return turn
    },
  }
}

interface Batch {
  readonly partition: number
  readonly held: Owned
  readonly messages: readonly Message[]
}

/** What looks like a gap may be what another owner has taken since: before it is called one, the log is asked. */
function follows(messages: readonly Message[], remembered: Owned, { firstSequence }: Ports): boolean {
  const next = expected(remembered, firstSequence)
  const fresh = messages.find(({ sequence }) => sequence >= next)
  return fresh === undefined || fresh.sequence === next
}

async function takeBatch(ports: Ports, { partition, held, messages }: Batch): Promise<void> {
  checkNumbers(ports, { partition, held, messages })
  const readBack = (range: Range) => {
    const [from, to] = [hubNumber(range.first), hubNumber(range.last)]
    ports.log('warn', `partition ${partition}: reading back ${from} to ${to}, which the host skipped`)
    return ports.readBack(partition, range)
  }
  const next = expected(held, ports.firstSequence)
  for await (const piece of piecesOf(messages, { next, readBack })) {
    if (piece.kind === 'lost') await recordLost(ports, { partition, held, lost: piece })
    else await takeRun(ports, { partition, held, messages: piece.messages })
  }
}

/** Takes what follows on bronze; what was read back is held against its end as the batch was. */
async function takeRun(ports: Ports, run: Batch & { readonly messages: Run }): Promise<void> {
  checkNumbers(ports, run)
  await takeFresh(ports, run)
}

/** Refuses messages that do not go on where the log ends: passed over as redelivered, they would be lost unseen. */
function checkNumbers(ports: Ports, { partition, held, messages }: Batch): void {
  const reason = misnumbered(messages, held, ports.firstSequence)
  if (reason === undefined) return
  record(metricNames.restarts, 1, { partition: String(partition) })
  ports.log('error', `partition ${partition}: ${reason}`)
  throw new Error(`partition ${partition}: ${reason}`)
}

async function takeFresh(
  ports: Ports,
  { partition, held, messages }: Batch & { readonly messages: Run },
): Promise<void> {
  const [first] = messages
  const last = messages.at(-1) ?? first
  const events = logged(messages, ports.decodeRules)
  const commitMs = stopwatch(ports)
  const id = appId(ports.stream, partition)
  const committed = await appendShared(ports.tables.bronze, {
    rows: events.map((event) => bronzeRow(partition, event)),
    moves: [{ appId: id, after: held.position, version: last.sequence }],
    operation: 'STREAMING UPDATE',
  })
  if (committed.kind === 'superseded') throw new Superseded(`bronze: ${id} was moved by another owner`)
  record(metricNames.commitMs, commitMs())
  const span = { partition, firstSequence: first.sequence, lastSequence: last.sequence }
  announce(occurrenceNames.commit, events.length, { ...span, version: committed.version })
  held.position = last.sequence

  const foldMs = stopwatch(ports)
  const folded = step(held.state, events.map(entryOf), ports.rules)
  record(metricNames.foldMs, foldMs())
  await deliver(ports, { partition, sequence: last.sequence, out: folded.out, live: folded.live }, held.positions)
  report(ports, { partition, messages, folded, watermarkMs: held.state.watermark.ms })
  await checkpointAfter(ports, ports.tables.bronze, committed.version)

  held.sinceSnapshot += events.length
  // A large state is stored as seldom as its size asks: writing it stays a constant cost per event.
  if (held.sinceSnapshot < Math.max(ports.snapshotEveryEvents, sizeOf(held.state) / 4)) return
  const saved = { sequence: last.sequence, state: held.state }
  await writeSnapshot(
    ports.store,
    { stream: ports.stream, partition },
    { saved, rules: ports.rules, unique: ports.unique() },
  )
  held.sinceSnapshot = 0
}

interface Done {
  readonly partition: number
  readonly messages: readonly Message[]
  readonly folded: ReturnType<typeof step>
  readonly watermarkMs: number
}

function report(ports: Ports, { partition, messages, folded: { counts, out }, watermarkMs }: Done): void {
  record(metricNames.events, counts.events)
  record(metricNames.pulses, counts.pulses)
  record(metricNames.late, counts.late)
  record(metricNames.duplicates, counts.duplicates)
  for (const [reason, count] of Object.entries(counts.rejected)) record(metricNames.rejected, count, { reason })
  record(metricNames.windowsClosed, out.filter(({ kind }) => kind === 'closed').length)
  for (const change of ['opened', 'resolved']) {
    const count = out.filter((emit) => emit.kind === 'stockout' && emit.change === change).length
    record(metricNames.stockouts, count, { change })
    if (change === 'opened' && count > 0) {
      announce(occurrenceNames.stockoutsOpened, count, { partition, lastSequence: messages.at(-1)?.sequence ?? -1 })
    }
  }
  const nowMs = ports.clock()
  if (Number.isFinite(watermarkMs)) {
    record(metricNames.watermarkMs, watermarkMs, { partition: String(partition) })
    record(metricNames.watermarkLagMs, nowMs - watermarkMs, { partition: String(partition) })
  }
  for (const { enqueuedMs } of messages) record(metricNames.endToEndMs, nowMs - enqueuedMs)
}

/** Milliseconds since it was made. */
function stopwatch({ clock }: Ports): () => number {
  const startedMs = clock()
  return () => clock() - startedMs
}
