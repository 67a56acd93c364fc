// Tested in test/local/hub/protocol.test.ts.
import { type Address } from './address'
import { type AmqpFault, admit } from './admission'
import { readSection, section } from './amqp'
import { nextEvent, openCursor } from './cursor'
import { type HubNodes, type Partition, type Subscription, resolveSource } from './entity'
import { type LogPlace, type PartitionLog, applyRetention, bounds, seek, type Position } from './log'
import { type Outlet } from './outlet'
import { type PeerSender, desiredCapabilities, numberIn } from './peer'
import { UnknownSelector, parseFilter } from './selector'

/** What became of a consumer's attach; a refused link is to be closed with the fault. */
export type Subscribed =
  | { readonly kind: 'refused'; readonly fault: AmqpFault }
  | { readonly kind: 'open'; readonly partition: Partition; readonly subscription: Subscription }

const epochProperty = 'com.microsoft:epoch'
const receiverNameProperty = 'com.microsoft:receiver-name'
const runtimeMetricCapability = 'com.microsoft:enable-receiver-runtime-metric'

/**
 * Lets a consumer's link read a partition: finds the entity, evaluates the start position in the source filter,
 * applies the owner level rules (closing the links it displaces) and answers the attach. Nothing is changed when the
 * link is refused.
 */
export function subscribe(
  sender: PeerSender,
  address: Address,
  context: { readonly hubs: HubNodes; readonly clock: () => number },
): Subscribed {
  const source = resolveSource(context.hubs, address)
  if (source.kind === 'missing') return { kind: 'refused', fault: source.fault }
  const { partition, group } = source.value
  applyRetention(partition.log, context.clock())
  const start = findStart(partition.log, sender.source.filter)
  if (start.kind === 'refused') return start
  const reader = { name: readerName(sender), epoch: numberIn(sender.properties?.[epochProperty]) }
  const present = [...partition.subscriptions].filter((each) => each.group === group)
  const admission = admit(present, reader)
  if (admission.kind === 'refused') return admission
  for (const displaced of admission.displaced) {
    partition.subscriptions.delete(displaced)
    displaced.outlet.sender.close(admission.fault)
  }
  const outlet = answerAttach(sender, partition.log, start.place, context.clock)
  const subscription = { ...reader, group, outlet }
  partition.subscriptions.add(subscription)
  return { kind: 'open', partition, subscription }
}

function readerName(sender: PeerSender): string {
  const name: unknown = sender.properties?.[receiverNameProperty]
  return typeof name === 'string' && name !== '' ? name : 'nil'
}

type Start =
  { readonly kind: 'refused'; readonly fault: AmqpFault } | { readonly kind: 'start'; readonly place: LogPlace }

function findStart(log: PartitionLog, filter: unknown): Start {
  try {
    const position = parseFilter(filter)
    const fault = beyondEnd(log, position)
    return fault ? { kind: 'refused', fault } : { kind: 'start', place: seek(log, position) }
  } catch (error) {
    if (!(error instanceof UnknownSelector)) throw error
    return { kind: 'refused', fault: { condition: 'amqp:invalid-field', description: error.message } }
  }
}

/** The service refuses a position after the last event, as left by a checkpoint of a hub since recreated. */
function beyondEnd(log: PartitionLog, position: Position): AmqpFault | undefined {
  if (position.kind === 'latest' || position.kind === 'enqueuedTime') return undefined
  const { lastOffset, nextSequence } = bounds(log)
  const [noun, last] = position.kind === 'offset' ? ['offset', lastOffset] : ['sequence number', nextSequence - 1]
  // An emptied partition has no last offset to compare with.
  if (position.value <= last || (position.kind === 'offset' && lastOffset < 0 && nextSequence > 0)) return undefined
  // Asking for the very next number is a way to say "from here on".
  if (position.kind === 'sequence' && position.inclusive && position.value === nextSequence) return undefined
  const description = `The supplied ${noun} '${position.value}' is invalid. The last ${noun} in the system is '${last}'`
  return { condition: 'com.microsoft:argument-error', description }
}

function answerAttach(sender: PeerSender, log: PartitionLog, start: LogPlace, clock: () => number): Outlet {
  const { address, filter } = sender.source
  sender.set_source({ address, ...(filter ? { filter } : {}) })
  sender.set_target({ address: sender.target?.address ?? '' })
  sender.local.attach.snd_settle_mode = 1
  const cursor = openCursor(log, start)
  if (!desiredCapabilities(sender).includes(runtimeMetricCapability)) {
    return { sender, next: () => nextEvent(cursor), partial: undefined }
  }
  sender.local.attach.offered_capabilities = [runtimeMetricCapability]
  return { sender, next: () => withRuntimeMetric(nextEvent(cursor), log, clock), partial: undefined }
}

/** The message with delivery annotations that tell how far the partition has got, between its header and the rest. */
function withRuntimeMetric(event: Buffer | undefined, log: PartitionLog, clock: () => number): Buffer | undefined {
  if (!event) return undefined
  const first = readSection(event, 0)
  const headerEnd = first.code === section.header ? first.end : 0
  const { nextSequence, lastOffset, lastEnqueuedMs } = bounds(log)
  const offset = String(lastOffset)
  const entries = Buffer.concat([
    longEntry('last_enqueued_sequence_number', 0x81, nextSequence - 1),
    symbol('last_enqueued_offset'),
    Buffer.from([0xa1, offset.length]),
    Buffer.from(offset, 'ascii'),
    longEntry('last_enqueued_time_utc', 0x83, lastEnqueuedMs),
    longEntry('runtime_info_retrieval_time_utc', 0x83, clock()),
  ])
  const head = Buffer.from([0x00, 0x53, section.deliveryAnnotations, 0xd1, 0, 0, 0, 0, 0, 0, 0, 8])
  head.writeUInt32BE(entries.length + 4, 4)
  return Buffer.concat([event.subarray(0, headerEnd), head, entries, event.subarray(headerEnd)])
}

function longEntry(name: string, constructor: number, value: number): Buffer {
  const number = Buffer.alloc(9)
  number[0] = constructor
  number.writeBigInt64BE(BigInt(value), 1)
  return Buffer.concat([symbol(name), number])
}

function symbol(name: string): Buffer {
  return Buffer.concat([Buffer.from([0xa3, name.length]), Buffer.from(name, 'ascii')])
}
