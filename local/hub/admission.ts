/** An error as AMQP carries it in a detach, a rejection or a close. */
export interface AmqpFault {
  readonly condition: string
  readonly description: string
}

/** A receiver as far as admission looks at it; `epoch` is its owner level, if it has one. */
export interface Reader {
  readonly name: string
  readonly epoch: number | undefined
}

/** What happens when a receiver joins the others of its consumer group and partition. */
export type Admission<R extends Reader> =
  | { readonly kind: 'refused'; readonly fault: AmqpFault }
  | { readonly kind: 'admitted'; readonly displaced: readonly R[]; readonly fault: AmqpFault }

const maxReaders = 5
const stolen = 'amqp:link:stolen'

/**
 * The owner level rules of Event Hubs for one consumer group and partition: a receiver with an epoch displaces every
 * receiver with none, a lower or the same epoch, and is refused beside a higher one; a receiver without an epoch is
 * refused beside one with an epoch, and as the sixth without. `fault` is what the displaced or the refused are told;
 * `amqp:link:stolen` is what the SDKs report as `ReceiverDisconnectedError`.
 */
export function admit<R extends Reader>(present: readonly R[], joining: Reader): Admission<R> {
  const { epoch } = joining
  return epoch === undefined ? admitPlain(present) : admitOwner(present, { name: joining.name, epoch })
}

function admitPlain<R extends Reader>(present: readonly R[]): Admission<R> {
  const owner = present.find((reader) => reader.epoch !== undefined)
  if (owner) {
    return refused(
      stolen,
      `At least one receiver for the endpoint is created with epoch of '${owner.epoch}', and so non-epoch receiver ` +
        `is not allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are closed or disconnected.`,
    )
  }
  if (present.length >= maxReaders) {
    return refused(
      'amqp:resource-limit-exceeded',
      `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${maxReaders}. ` +
        `List of connected receivers - ${present.map((reader) => reader.name).join(', ')}.`,
    )
  }
  return { kind: 'admitted', displaced: [], fault: { condition: stolen, description: '' } }
}

function admitOwner<R extends Reader>(present: readonly R[], joining: { name: string; epoch: number }): Admission<R> {
  const higher = present.find((reader) => reader.epoch !== undefined && reader.epoch > joining.epoch)
  if (higher) {
    return refused(
      stolen,
      `Receiver '${higher.name}' with a higher epoch '${higher.epoch}' already exists. Receiver '${joining.name}' with ` +
        `epoch ${joining.epoch} cannot be created. Make sure you are creating receiver with increasing epoch value to ` +
        `ensure connectivity, or ensure all old epoch receivers are closed or disconnected.`,
    )
  }
  const description =
    `New receiver '${joining.name}' with higher epoch of '${joining.epoch}' is created hence current receiver is ` +
    `getting disconnected. If you are recreating the receiver, make sure a higher epoch is used.`
  return { kind: 'admitted', displaced: present, fault: { condition: stolen, description } }
}

function refused(condition: string, description: string): { kind: 'refused'; fault: AmqpFault } {
  return { kind: 'refused', fault: { condition, description } }
}
