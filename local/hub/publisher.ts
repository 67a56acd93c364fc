// Tested in test/local/hub/hub.test.ts.
import { type Address } from './address'
import { type AmqpFault } from './admission'
import { MalformedMessage } from './amqp'
import { type HubNode, type HubNodes, type Partition, choosePartition, resolveTarget } from './entity'
import { append, applyRetention } from './log'
import { type Sent, decodeTransfer } from './message'
import { type PeerReceiver, type RawMessage, desiredCapabilities } from './peer'

/** Where a producer's link sends to: one partition, or the one each message chooses. */
export interface Publisher {
  readonly hub: HubNode
  readonly partition?: Partition
}

/** What became of a producer's attach. */
export type Published =
  { readonly kind: 'refused'; readonly fault: AmqpFault } | { readonly kind: 'open'; readonly publisher: Publisher }

/** What became of a message: appended to a partition, rejected, or given up by its sender. */
export type Outcome =
  | { readonly kind: 'accepted'; readonly partition: Partition }
  | { readonly kind: 'rejected'; readonly fault: AmqpFault }
  | { readonly kind: 'aborted' }

const idempotentCapability = 'com.microsoft:idempotent-producer'

/** Lets a producer's link send to a hub or partition, and answers its attach. */
export function publish(receiver: PeerReceiver, address: Address, hubs: HubNodes): Published {
  const target = resolveTarget(hubs, address)
  if (target.kind === 'missing') return { kind: 'refused', fault: target.fault }
  if (desiredCapabilities(receiver).includes(idempotentCapability)) {
    const description = 'idempotent publishing: not offered by this hub; create the producer without it'
    return { kind: 'refused', fault: { condition: 'amqp:not-implemented', description } }
  }
  receiver.set_target({ address: receiver.target.address ?? '' })
  receiver.set_source({ address: receiver.source?.address ?? '' })
  return { kind: 'open', publisher: target.value }
}

/**
 * Appends the events of a message to its partition, all or none. 'accepted' means they survive the death of this
 * process. A malformed or too large message is rejected; so is one that cannot be stored, in a way SDKs retry.
 */
export function acceptMessage(
  publisher: Publisher,
  message: RawMessage,
  options: { readonly nowMs: number; readonly maxMessageBytes: number },
): Outcome {
  switch (message.withheld) {
    case 'aborted':
      return { kind: 'aborted' }
    case 'too large': {
      const description = `The message exceeds the limit of ${options.maxMessageBytes} bytes currently allowed on the link.`
      return rejected('amqp:link:message-size-exceeded', description)
    }
    case undefined:
      return store(publisher, message, options.nowMs)
  }
}

function store(publisher: Publisher, message: RawMessage, nowMs: number): Outcome {
  try {
    const sent: Sent = decodeTransfer(message.payload, message.format)
    const partition = publisher.partition ?? choosePartition(publisher.hub, sent.partitionKey)
    append(partition.log, sent.events, nowMs)
    applyRetention(partition.log, nowMs)
    return { kind: 'accepted', partition }
  } catch (error) {
    if (error instanceof MalformedMessage) return rejected('amqp:decode-error', error.message)
    return rejected('amqp:internal-error', error instanceof Error ? error.message : String(error))
  }
}

function rejected(condition: string, description: string): Outcome {
  return { kind: 'rejected', fault: { condition, description } }
}
