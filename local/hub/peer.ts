// Tested in test/local/hub/protocol.test.ts.
import { type Socket } from 'node:net'
import {
  type AmqpError,
  type Connection,
  type EventContext,
  type Receiver,
  type Sender,
  type Session,
  type Typed,
} from 'rhea'

/*
 * What the hub uses of rhea below its public typings, pinned to the version in package.json. rhea owns connections,
 * SASL, sessions, links, flow and settlement. It is bypassed in two places: it decodes messages of format 0, after
 * which their bytes are lost, and it sends one small write per delivery, which is most of the cost of a delivery.
 */

/** Performative fields as rhea decodes them; absent ones are undefined or null. */
interface Flow {
  delivery_count?: number | null
  readonly link_credit?: number | null
  readonly handle?: number | null
  readonly echo?: boolean | null
}
interface Transfer {
  readonly handle: number
  message_format?: number | null | undefined
  readonly more?: boolean
  readonly aborted?: boolean
}
export interface Frame<P> {
  readonly channel: number
  readonly performative: P
  payload?: Buffer | undefined
}

/** A connection accepted by the hub. */
export type Peer = Pick<Connection, 'is_open'> & {
  close(error?: AmqpError): void
  readonly socket: Socket
  readonly remote: { readonly open?: { readonly max_frame_size?: number | null } }
  readonly remote_channel_map: Readonly<Record<number, PeerSession | undefined>>
  on_flow(frame: Frame<Flow>): void
  on_transfer(frame: Frame<Transfer>): void
  /** Has rhea write what is due: attach, detach, flow, disposition. */
  _register(): void
  /** Ends the connection for rhea without waiting for its socket, timers included. */
  _disconnected(): void
}

export type PeerSession = Omit<Session, 'local' | 'remote'> & {
  readonly local: { readonly channel: number }
  readonly remote: { readonly handles: Readonly<Record<number, PeerSender | PeerReceiver | undefined>> }
  readonly outgoing: {
    next_delivery_id: number
    next_pending_delivery: number
    next_transfer_id: number
    readonly remote_window?: number
    readonly remote_next_transfer_id?: number
  }
  _write_flow(link: PeerSender | PeerReceiver): void
}

/** The attach this side answers with. */
interface LocalAttach {
  snd_settle_mode?: number
  offered_capabilities?: readonly string[]
}

/** A link on which the hub sends. */
export type PeerSender = Omit<Sender, 'session' | 'connection'> & {
  readonly session: PeerSession
  readonly connection: Peer
  readonly local: { readonly handle: number; readonly attach: LocalAttach }
  credit: number
  delivery_count: number
  readonly _draining: boolean
}

/** A link on which the hub receives. */
export type PeerReceiver = Omit<Receiver, 'session' | 'connection'> & {
  readonly session: PeerSession
  readonly connection: Peer
}

/** The connection of an event. rhea's typings leave out what `Peer` adds, hence the cast here and below. */
export function peerOf(context: EventContext): Peer {
  return context.connection as unknown as Peer
}

/** The link of a `sender_*` event: one on which the hub sends. */
export function senderOf(context: EventContext): PeerSender {
  return context.sender as unknown as PeerSender
}

/** The link of a `receiver_*` or `message` event: one on which the hub receives. */
export function receiverOf(context: EventContext): PeerReceiver {
  return context.receiver as unknown as PeerReceiver
}

/** Why the payload of a message is not there. */
export type Withheld = 'too large' | 'aborted'

/** A received message: its raw bytes, or why there are none. */
export interface RawMessage {
  readonly receiver: PeerReceiver
  readonly delivery: NonNullable<EventContext['delivery']>
  readonly payload: Buffer
  readonly format: number
  readonly withheld: Withheld | undefined
}

interface Incoming {
  sizeBytes: number
  format: number
  withheld: Withheld | undefined
}

/** Reads what rhea's `message` event brings on a connection passed to `watchFrames`. */
export type MessageReader = (context: EventContext) => RawMessage

/**
 * Puts the hub between rhea's frame decoder and its sessions, for one connection: messages arrive undecoded, a
 * message larger than `maxMessageBytes` is not kept in memory, and `onFlow` is called after every flow frame.
 */
export function watchFrames(peer: Peer, options: { maxMessageBytes: number; onFlow: () => void }): MessageReader {
  const incoming = new WeakMap<object, Incoming>()
  const onTransfer = peer.on_transfer.bind(peer)
  const onFlow = peer.on_flow.bind(peer)
  peer.on_transfer = (frame) => {
    const link = peer.remote_channel_map[frame.channel]?.remote.handles[frame.performative.handle]
    if (link) holdPayload(frame, incoming, link, options.maxMessageBytes)
    onTransfer(frame)
  }
  peer.on_flow = (frame) => {
    onFlow(completeFlow(frame))
    correctCredit(peer, frame)
    options.onFlow()
  }
  return (context) => readMessage(context, incoming)
}

function holdPayload(
  frame: Frame<Transfer>,
  incoming: WeakMap<object, Incoming>,
  link: object,
  maxMessageBytes: number,
): void {
  const message = incoming.get(link) ?? {
    sizeBytes: 0,
    format: frame.performative.message_format ?? 0,
    withheld: undefined,
  }
  incoming.set(link, message)
  message.sizeBytes += frame.payload?.length ?? 0
  if (message.sizeBytes > maxMessageBytes) message.withheld = 'too large'
  if (frame.performative.aborted) message.withheld = 'aborted'
  if (message.withheld) frame.payload = Buffer.alloc(0)
  // rhea decodes format 0 and hands over any other, and a missing one, as bytes.
  if (frame.performative.message_format === 0) frame.performative.message_format = undefined
}

function readMessage(context: EventContext, incoming: WeakMap<object, Incoming>): RawMessage {
  const receiver = receiverOf(context)
  const { delivery } = context
  const message = incoming.get(receiver)
  incoming.delete(receiver)
  if (!delivery || !message) throw new Error('hub connection: message event without a delivery')
  return {
    receiver,
    delivery,
    // Typed as a decoded message, which it is only for format 0.
    payload: context.message as unknown as Buffer,
    format: message.format,
    withheld: message.withheld,
  }
}

/** A receiver that has not seen the attach yet may leave out delivery-count (part 2.7.4); it means the initial 0. */
function completeFlow(frame: Frame<Flow>): Frame<Flow> {
  const flow = frame.performative
  if (isNumber(flow.handle) && !isNumber(flow.delivery_count)) flow.delivery_count = 0
  return frame
}

/** rhea computes credit without the 32-bit wrap of delivery counts and lets it fall below zero. */
function correctCredit(peer: Peer, frame: Frame<Flow>): void {
  const { handle, delivery_count, link_credit, echo } = frame.performative
  const session = peer.remote_channel_map[frame.channel]
  const link = session && isNumber(handle) ? session.remote.handles[handle] : undefined
  if (!link) return
  if (isSender(link)) {
    const unseen = (link.delivery_count - (delivery_count ?? 0)) >>> 0
    link.credit = Math.max(0, (link_credit ?? 0) - unseen)
  }
  if (echo) session?._write_flow(link)
}

function isSender(link: PeerSender | PeerReceiver): link is PeerSender {
  return link.is_sender()
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

/** The text of every capability the peer desires of a link; rhea gives one as a string and several as a list. */
export function desiredCapabilities(link: {
  readonly desired_capabilities?: string | string[] | null
}): readonly string[] {
  const desired: unknown = link.desired_capabilities
  return (Array.isArray(desired) ? desired : [desired]).flatMap((each) => (typeof each === 'string' ? [each] : []))
}

/** A number in a link property, which may come plain, wrapped by rhea, or as 8 bytes when it is a large long. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (Buffer.isBuffer(value) && value.length === 8) return Number(value.readBigInt64BE())
  if (typeof value === 'object' && value !== null && 'value' in value) return numberIn((value as Typed).value)
  return undefined
}
