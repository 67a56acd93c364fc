/**
 * The partition an event with this key belongs to: Jenkins lookup3 of the UTF-8 bytes folded to 16 bits, the mapping
 * of the Event Hubs service and of the buffered producers of its SDKs. Same key and count, same partition, in every
 * process and run.
 */
export function partitionOfKey(partitionKey: string, partitionCount: number): number {
  return Math.abs(hashPartitionKey(partitionKey) % partitionCount)
}

/** The signed 16-bit hash of a partition key. */
export function hashPartitionKey(partitionKey: string): number {
  const { b, c } = lookup3(Buffer.from(partitionKey, 'utf8'))
  return ((c ^ b) << 16) >> 16
}

/** Bob Jenkins' `hashlittle2` with both seeds 0 (lookup3.c, public domain), in 32-bit arithmetic. */
function lookup3(key: Buffer): { readonly b: number; readonly c: number } {
  let a = (0xdeadbeef + key.length) | 0
  let b = a
  let c = a
  let at = 0
  // The last 1 to 12 bytes are mixed by the final step, so a key of exactly 12 bytes never enters the loop.
  for (; key.length - at > 12; at += 12) {
    ;[a, b, c] = mix(a + key.readInt32LE(at), b + key.readInt32LE(at + 4), c + key.readInt32LE(at + 8))
  }
  if (at === key.length) return { b, c }
  const tail = Buffer.alloc(12)
  key.copy(tail, 0, at)
  return final(a + tail.readInt32LE(0), b + tail.readInt32LE(4), c + tail.readInt32LE(8))
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function mix(a: number, b: number, c: number): [number, number, number] {
  a = (a - c) ^ rotate(c, 4)
  c = (c + b) | 0
  b = (b - a) ^ rotate(a, 6)
  a = (a + c) | 0
  c = (c - b) ^ rotate(b, 8)
  b = (b + a) | 0
  a = (a - c) ^ rotate(c, 16)
  c = (c + b) | 0
  b = (b - a) ^ rotate(a, 19)
  a = (a + c) | 0
  c = (c - b) ^ rotate(b, 4)
  b = (b + a) | 0
  return [a, b, c]
}

function final(a: number, b: number, c: number): { readonly b: number; readonly c: number } {
  c = (c ^ b) - rotate(b, 14)
  a = (a ^ c) - rotate(c, 11)
  b = (b ^ a) - rotate(a, 25)
  c = (c ^ b) - rotate(b, 16)
  a = (a ^ c) - rotate(c, 4)
  b = (b ^ a) - rotate(a, 14)
  c = (c ^ b) - rotate(b, 24)
  return { b: b | 0, c: c | 0 }
}
