// Tested in test/local/hub/protocol.test.ts.
/*
 * Transfer frames (AMQP 1.0 part 2.7.5), settled, with every field at a fixed width so that one is 33 bytes of known
 * layout in front of its piece of the message:
 *
 *   frame: size, doff 2, type 0, channel | 00 53 14 c0 14 06 | 70 handle | 70 delivery-id | a0 04 tag
 *        | 43 (message-format 0) | 41 (settled) | 41 or 42 (more)
 */
export const transferHeadBytes = 33

/** One frame: the piece `[start, end)` of a payload, and whether more frames of the same delivery follow. */
export interface TransferFrame {
  readonly channel: number
  readonly handle: number
  readonly deliveryId: number
  readonly payload: Buffer
  readonly start: number
  readonly end: number
}

/** Writes a transfer frame at `at` and returns the byte after it. The target must have room for it. */
export function writeTransfer(target: Buffer, at: number, frame: TransferFrame): number {
  const pieceBytes = frame.end - frame.start
  target.writeUInt32BE(transferHeadBytes + pieceBytes, at)
  target.writeUInt32BE(0x0200_0000 | frame.channel, at + 4)
  target.writeUInt32BE(0x0053_14c0, at + 8)
  target.writeUInt32BE(0x1406_7000, at + 12)
  target.writeUInt32BE(frame.handle, at + 15)
  target[at + 19] = 0x70
  target.writeUInt32BE(frame.deliveryId, at + 20)
  target.writeUInt16BE(0xa004, at + 24)
  target.writeUInt32BE(frame.deliveryId, at + 26)
  target.writeUInt16BE(0x4341, at + 30)
  target[at + 32] = frame.end < frame.payload.length ? 0x41 : 0x42
  frame.payload.copy(target, at + transferHeadBytes, frame.start, frame.end)
  return at + transferHeadBytes + pieceBytes
}
