/* Tested in test/pipeline/stream/ingest.test.ts. */

/** An EventData as the hub delivered it: one event, or an array of them, in JSON and whatever envelope. */
export interface Message {
  /** Contiguous within a partition. */
  readonly sequence: number
  /** When the hub took it, epoch milliseconds. */
  readonly enqueuedMs: number
  readonly body: Uint8Array
  /** What the producer says the body is packed in: `gzip`. */
  readonly contentEncoding?: string | undefined
}
