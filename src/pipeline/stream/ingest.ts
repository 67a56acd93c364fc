import { type Message } from '../../event/message'
import { step } from '../../fold/step'
import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { type Ports } from '../ports'
import { bronzeRow, entryOf } from '../rows/bronze'
import { storeZones } from '../rows/store-zones'
import { checkpointAfter } from './checkpoint-after'
import { deliver } from './deliver'
import { recordLost } from './gap'
import { expected, hubNumber, misnumbered, type Range } from './numbering'
import { appendAs, type Owner, Superseded } from './owner'
import { type Part, partsOf, piecesOf, type Run } from './pieces'
import { resume } from './resume'
import { saveWhenDue } from './saved-states'
import { report, stopwatch } from './told'

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
  const owners = new Map<number, Owner>()
  const queues = new Map<number, Promise<void>>()
  const attempt = async (partition: number, messages: readonly Message[]) => {
    const remembered = owners.get(partition)
    const owner = remembered && follows(messages, remembered, ports) ? remembered : await resume(ports, partition)
    // Out of the map while work is under way: only a batch that went through leaves memory that can be trusted.
    owners.delete(partition)
    await takeBatch(ports, owner, messages)
    owners.set(partition, owner)
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

/** What looks like a gap may be what another owner has taken since: before it is called one, the log is asked. */
function follows(messages: readonly Message[], owner: Owner, ports: Ports): boolean {
  const next = nextOf(ports, owner)
  const fresh = messages.find(({ sequence }) => sequence >= next)
  return fresh === undefined || fresh.sequence === next
}

/** Number of the message that bronze takes next. */
function nextOf({ tables, firstSequence }: Ports, { positions }: Owner): number {
  return expected(positions.get(tables.bronze), firstSequence)
}

async function takeBatch(ports: Ports, owner: Owner, messages: readonly Message[]): Promise<void> {
  checkNumbers(ports, owner, messages)
  const readBack = (range: Range) => {
    const [from, to] = [hubNumber(range.first), hubNumber(range.last)]
    ports.log('warn', `partition ${owner.partition}: reading back ${from} to ${to}, which the host skipped`)
    return ports.readBack(owner.partition, range)
  }
  for await (const piece of piecesOf(messages, {
    next: nextOf(ports, owner),
    readBack,
    maxBytes: ports.maxBatchBytes,
  })) {
    if (piece.kind === 'lost') await recordLost(ports, owner, piece)
    else await takeRun(ports, owner, piece.messages)
  }
}

async function takeRun(ports: Ports, owner: Owner, messages: Run): Promise<void> {
  // Once more: what was read back has not been looked at yet.
  checkNumbers(ports, owner, messages)
  const { decodeRules: rules, maxBatchBytes: maxBytes } = ports
  for (const part of partsOf(messages, { rules, maxBytes })) await takePart(ports, owner, part)
}

/** Refuses messages that do not go on where the log ends: passed over as redelivered, they would be lost unseen. */
function checkNumbers({ tables, firstSequence, log }: Ports, owner: Owner, messages: readonly Message[]): void {
  const end = { position: owner.positions.get(tables.bronze), enqueuedMs: owner.state.enqueuedMs }
  const reason = misnumbered(messages, end, firstSequence)
  if (reason === undefined) return
  record(metricNames.restarts, 1, { partition: String(owner.partition) })
  log('error', `partition ${owner.partition}: ${reason}`)
  throw new Error(`partition ${owner.partition}: ${reason}`)
}

async function takePart(ports: Ports, owner: Owner, { messages, events }: Part): Promise<void> {
  const { partition, state } = owner
  const [{ sequence: firstSequence }] = messages
  const lastSequence = firstSequence + messages.length - 1
  const commitMs = stopwatch(ports)
  const rows = events.map((event) => bronzeRow(partition, event))
  const table = ports.tables.bronze
  const version = await appendAs(owner, { table, rows, upTo: lastSequence })
  record(metricNames.commitMs, commitMs())
  announce(occurrenceNames.commit, events.length, { partition, firstSequence, lastSequence, version })

  const foldMs = stopwatch(ports)
  const entries = events.map(entryOf)
  const folded = step(state, entries, ports.rules)
  record(metricNames.foldMs, foldMs())
  const { out, live } = folded
  await deliver(ports, owner, { partition, sequence: lastSequence, out, live, zones: storeZones(entries) })
  report(ports, owner, { messages, folded })
  // Not at once after the commit: whoever waits for the rows in silver, gold and PostgreSQL does not wait for it.
  await checkpointAfter(ports, table, version)
  await saveWhenDue(ports, owner, { events: events.length, sequence: lastSequence })
}
