// Tested in test/local/hub/protocol.test.ts.
import { type PeerSender, type PeerSession } from './peer'
import { transferHeadBytes, writeTransfer } from './transfer'

/** A link the hub sends on, and where its messages come from. */
export interface Outlet {
  readonly sender: PeerSender
  /** Takes the next message to send; undefined when there is none now. */
  readonly next: () => Buffer | undefined
  /** The message taken but not sent to its end: its frames did not fit the session window or the turn. */
  partial: { readonly payload: Buffer; deliveryId: number | undefined; sentBytes: number } | undefined
}

/** Why sending stopped: nothing to send, the peer takes no more (credit, window, socket), or the turn is over. */
export type Stop = 'empty' | 'blocked' | 'turn over'

const turnBytes = 64 * 1024
/** Also when the peer allows larger frames, so that links take turns on a connection. */
const maxFrameBytes = 64 * 1024

/**
 * Sends messages until the source is empty, the turn's bytes are used up, or the peer's link credit, session window
 * or socket is full; never more than the peer asked for, so what is not sent costs no memory. Deliveries are settled:
 * a partition is a log, and where a receiver has got to is its own business.
 */
export function sendTurn(outlet: Outlet): Stop {
  const { sender } = outlet
  const { socket } = sender.connection
  if (!sender.is_open() || !socket.writable || socket.writableNeedDrain) return 'blocked'
  const turn: Turn = { bytes: undefined, at: 0, window: transferWindow(sender.session) }
  let stop: Stop | undefined
  while (stop === undefined) stop = startMessage(outlet) ?? sendFrame(outlet, turn)
  if (turn.bytes) socket.write(turn.bytes.subarray(0, turn.at))
  return stop
}

/** Frames to be written at once; no memory is taken for a turn that sends nothing. */
interface Turn {
  bytes: Buffer | undefined
  at: number
  window: number
}

function startMessage(outlet: Outlet): Stop | undefined {
  if (outlet.partial) return undefined
  const { sender } = outlet
  if (sender.credit <= 0) return 'blocked'
  const payload = outlet.next()
  if (!payload) return 'empty'
  outlet.partial = { payload, deliveryId: undefined, sentBytes: 0 }
  return undefined
}

function sendFrame(outlet: Outlet, turn: Turn): Stop | undefined {
  const { sender, partial } = outlet
  if (!partial) return undefined
  if (turn.window <= 0) return 'blocked'
  const { payload, sentBytes: start } = partial
  const end = Math.min(payload.length, start + pieceBytes(sender))
  if (turn.at + transferHeadBytes + end - start > turnBytes) return 'turn over'
  turn.bytes ??= Buffer.allocUnsafe(turnBytes)
  const deliveryId = (partial.deliveryId ??= takeDeliveryId(sender.session))
  const { channel } = sender.session.local
  const frame = { channel, handle: sender.local.handle, deliveryId, payload, start, end }
  turn.at = writeTransfer(turn.bytes, turn.at, frame)
  turn.window -= 1
  const { outgoing } = sender.session
  outgoing.next_transfer_id = (outgoing.next_transfer_id + 1) >>> 0
  partial.sentBytes = end
  if (end === payload.length) finishMessage(outlet)
  return undefined
}

/** Taken with the first frame only: ids must appear in order, and the links of a session share them. */
function takeDeliveryId({ outgoing }: PeerSession): number {
  const deliveryId = outgoing.next_delivery_id
  // rhea sends nothing on its own in these sessions; its two counters only have to agree.
  outgoing.next_delivery_id = outgoing.next_pending_delivery = (deliveryId + 1) >>> 0
  return deliveryId
}

function finishMessage(outlet: Outlet): void {
  outlet.partial = undefined
  outlet.sender.credit -= 1
  outlet.sender.delivery_count = (outlet.sender.delivery_count + 1) >>> 0
}

function pieceBytes(sender: PeerSender): number {
  const frameBytes = sender.connection.remote.open?.max_frame_size ?? maxFrameBytes
  return Math.min(frameBytes, maxFrameBytes) - transferHeadBytes
}

/** Frames the peer's session still takes (AMQP 1.0 part 2.5.6: remote-incoming-window). */
function transferWindow(session: PeerSession): number {
  const { remote_window = 0, remote_next_transfer_id = 0, next_transfer_id } = session.outgoing
  return remote_window - ((next_transfer_id - remote_next_transfer_id) >>> 0)
}

/** Gives unused credit back when the peer asked for that (drain, part 2.6.7) and the source is empty. */
export function finishDrain(outlet: Outlet): void {
  const { sender } = outlet
  if (!sender._draining || sender.credit === 0) return
  sender.set_drained(true)
  sender.connection._register()
}
