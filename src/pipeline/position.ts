import { type Snapshot } from '../lake/log/snapshot'

/*
 * A position is the sequence number of the last message of a partition that a table has taken. It rides in the commit
 * that brings the rows, as the version of a Delta application transaction (PROTOCOL.md, "Transaction Identifiers"): an
 * idempotence key for whoever commits again, and what a second owner of the partition is fenced by. Nothing but this
 * file knows how the application is spelled.
 */

/** A table's state, of which only the positions matter here. */
type Positioned = Pick<Snapshot, 'txns'>

/** The application id of a partition's positions, in each table that takes its rows. */
export function appId(stream: string, partition: number): string {
  return `${stream}/${partition}`
}

/** The stream and partition of an application id; undefined when it is none of a partition. */
function parseAppId(id: string): { readonly stream: string; readonly partition: number } | undefined {
  const [, stream, digits] = /^(.*)\/(\d+)$/s.exec(id) ?? []
  return stream === undefined ? undefined : { stream, partition: Number(digits) }
}

/** The partition of an application id of a stream; undefined when it is none of that stream. */
export function partitionOf(id: string, stream: string): number | undefined {
  const found = parseAppId(id)
  return found?.stream === stream ? found.partition : undefined
}

/** How far a table has taken a partition; undefined when it has nothing of it. */
export function positionIn({ txns }: Positioned, stream: string, partition: number): number | undefined {
  const version = txns.get(appId(stream, partition))
  return version === undefined ? undefined : Number(version)
}

/**
 * How far a table has taken each partition of a stream. Throws when it has positions of another stream, whose rows
 * would count as this one's. With `others: 'passed over'` they are left out: that is for the daily batch alone, which
 * reads all rows of bronze whoever wrote them, and asks for positions only to tell whether a day has got more since. A
 * position it leaves out makes it do such a day again, which changes nothing; a throw would stop all days.
 */
export function positionsOf(
  { txns }: Positioned,
  stream: string,
  { others = 'refused' }: { readonly others?: 'refused' | 'passed over' } = {},
): ReadonlyMap<number, number> {
  const positions = new Map<number, number>()
  for (const [id, version] of txns) {
    const partition = partitionOf(id, stream)
    if (partition !== undefined) positions.set(partition, Number(version))
    else if (others === 'refused') {
      throw new Error(`lake: expected positions of stream "${stream}", got one of "${id}"; set STREAM_NAME to that`)
    }
  }
  return positions
}

/**
 * Throws, naming the other stream, when a table has a partition's rows of one that is not this: two of them would share
 * numbers, and neither could resume.
 */
export function checkOneStream({ txns }: Positioned, stream: string, partition: number): void {
  const ids = Array.from(txns.keys(), parseAppId)
  const other = ids.find((found) => found?.partition === partition && found.stream !== stream)
  if (!other) return
  throw new Error(
    `partition ${partition}: expected bronze of stream "${stream}", got "${other.stream}"; set STREAM_NAME to that, ` +
      'and raise HUB_GENERATION if another hub takes its place; or give this hub a lake of its own',
  )
}
