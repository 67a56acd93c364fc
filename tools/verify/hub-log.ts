// Tested in test/tools/verify/verify.test.ts.
import { createGunzip } from 'node:zlib'
import { type EventReader, type Held } from '../../src/azure/event-reader'
import { type Engine } from './engine'

/** What is asked of a hub: to read its partitions back. */
export type HubLog = Pick<EventReader, 'partitions' | 'held' | 'read'>

/** By how much the lake's numbers rise each time the hub is created anew and its own start over. */
const perGeneration = 2 ** 40

/** The hub under the numbers its messages have in the lake. */
export function numberedAsLake(hub: HubLog, generation: number): HubLog {
  const base = firstOf(generation)
  const shift = ({ first, last }: Held, by: number): Held => ({ first: first + by, last: last + by })
  return {
    partitions: () => hub.partitions(),
    held: async (partition) => {
      const held = await hub.held(partition)
      return held && shift(held, base)
    },
    read: async function* (partition, range) {
      for await (const page of hub.read(partition, shift(range, -base))) {
        yield page.map((message) => ({ ...message, sequence: message.sequence + base }))
      }
    },
  }
}

/** The first number of a generation. */
export function firstOf(generation: number): number {
  return generation * perGeneration
}

/**
 * Reads every message the hub holds at this moment into `hub.message`, and what each partition said it holds into
 * `hub.held`; `first` stands for the beginning where a partition is empty. Memory: a page.
 */
export async function loadHub(
  { connection }: Engine,
  { hub, first }: { readonly hub: HubLog; readonly first: number },
): Promise<void> {
  const messages = await connection.createAppender('message', 'hub')
  const ends = await connection.createAppender('held', 'hub')
  for (const partition of await hub.partitions()) {
    const held = await hub.held(partition)
    ends.appendInteger(partition)
    ends.appendBigInt(BigInt(held?.first ?? first))
    if (held) ends.appendBigInt(BigInt(held.last))
    else ends.appendNull()
    ends.endRow()
    if (!held) continue
    for await (const page of hub.read(partition, held)) {
      for (const { sequence, enqueuedMs, body } of page) {
        messages.appendInteger(partition)
        messages.appendBigInt(BigInt(sequence))
        messages.appendBigInt(BigInt(enqueuedMs))
        const { packing, unpacked } = await unpack(body)
        messages.appendBlob(body)
        messages.appendVarchar(packing)
        if (unpacked) messages.appendBlob(unpacked)
        else messages.appendNull()
        messages.endRow()
      }
      messages.flushSync()
    }
  }
  messages.closeSync()
  ends.closeSync()
}

/** As docs/events.md has it. */
const unpackedBytes = 16 * 1024 * 1024

interface Unpacked {
  readonly packing: 'none' | 'gzip' | 'broken' | 'too-large'
  readonly unpacked?: Uint8Array
}

/** What is in a body that begins as gzip does, read as a stream that is left once it says too much. */
async function unpack(body: Uint8Array): Promise<Unpacked> {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return { packing: 'none' }
  const stream = createGunzip()
  stream.end(body)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > unpackedBytes) return { packing: 'too-large' }
      chunks.push(chunk)
    }
  } catch {
    return { packing: 'broken' }
  }
  return { packing: 'gzip', unpacked: Buffer.concat(chunks) }
}

/** The sequence number each partition ends at, as one text that differs when anything has been sent meanwhile. */
export async function endOf(hub: HubLog): Promise<string> {
  const partitions = await hub.partitions()
  const ends = await Promise.all(partitions.map(async (partition) => (await hub.held(partition))?.last ?? -1))
  return ends.join(',')
}
