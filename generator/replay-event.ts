// Tested in test/generator/sources.test.ts.
/** One event to send, and how many rows of the file it holds. */
export interface ReplayEvent {
  readonly key: string
  readonly body: Uint8Array
  readonly rows: number
}
