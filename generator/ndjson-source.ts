// Tested in test/generator/sources.test.ts.
import { createReadStream } from 'node:fs'
import { type ReplayEvent } from './replay-event'

const lineFeed = 0x0a
/** The largest body a hub takes on any tier but the dedicated one is 1 MB; more is another kind of file. */
const maxLineBytes = 1 << 20

/**
 * The lines of NDJSON files as event bodies, byte for byte, file by file in the order given; blank lines are left out.
 * The key is the store of the event, or of the first of an array of events, and empty where it cannot be told.
 * Throws with file and line for a line of more than 1 MiB.
 */
export async function* readNdjsonEvents({ files }: { readonly files: readonly string[] }): AsyncGenerator<ReplayEvent> {
  for (const file of files) {
    for await (const body of readLines(file)) {
      const text = body.toString().trim()
      if (text !== '') yield { key: storeOf(text), body, rows: 1 }
    }
  }
}

async function* readLines(file: string): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0)
  let line = 1
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk])
    let from = 0
    for (let end = rest.indexOf(lineFeed); end !== -1; end = rest.indexOf(lineFeed, from)) {
      yield rest.subarray(from, end)
      from = end + 1
      line++
    }
    rest = rest.subarray(from)
    if (rest.length > maxLineBytes) {
      throw new Error(`${file} line ${line}: expected at most ${maxLineBytes} bytes, got more; is it NDJSON?`)
    }
  }
  yield rest
}

function storeOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text)
    const event: unknown = Array.isArray(value) ? value[0] : value
    const storeId: unknown = typeof event === 'object' && event !== null && 'storeId' in event ? event.storeId : ''
    return typeof storeId === 'string' ? storeId : ''
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    throw error
  }
}
