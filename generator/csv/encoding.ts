// Tested in test/generator/csv/rows.test.ts.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { analyse } from 'chardet'
import { decode, encodingExists, getDecoder } from 'iconv-lite'

/** The encoding of a file, and what it was told by. */
export interface Encoding {
  /** As iconv-lite and the IANA list call it. */
  readonly name: string
  readonly by: 'map' | 'byte order mark' | 'zero bytes' | 'all of it is UTF-8' | 'guess'
}

const sampleBytes = 1 << 20

/**
 * The encoding of a file: what the map says, else its byte order mark, the zero bytes of UTF-16, UTF-8 where all of the
 * file is, else a guess by the frequency of letters (Latin-1 counts as Windows-1252, which it is part of). Throws, naming
 * the file, when the map names no encoding, and for a file that is UTF-8 but for some bytes.
 */
export async function encodingOf(file: string, said?: string): Promise<Encoding> {
  if (said !== undefined) {
    const isKnown: boolean = encodingExists(said)
    if (isKnown) return { name: said, by: 'map' }
    throw new Error(
      `${file}: expected an encoding such as utf-8, windows-1252, utf-16le; got "${said}"; correct file.encoding in the map`,
    )
  }
  const sample = await head(file)
  const marked = markOf(sample)
  if (marked !== undefined) return { name: marked, by: 'byte order mark' }
  const wide = wideOf(sample)
  if (wide !== undefined) return { name: wide, by: 'zero bytes' }
  const brokenAt = await firstNotUtf8(file)
  if (brokenAt === undefined) return { name: 'utf-8', by: 'all of it is UTF-8' }
  const doubtful = await head(file, brokenAt)
  if (isMostlyUtf8(doubtful)) {
    throw new Error(
      `${file}: expected one encoding, got UTF-8 with bytes near ${brokenAt} that are none; ` +
        'mend the file, or say its encoding as file.encoding in the map',
    )
  }
  return { name: guess(doubtful), by: 'guess' }
}

/** Whether more of what is not ASCII is UTF-8 than is not. */
function isMostlyUtf8(bytes: Buffer): boolean {
  const text = bytes.toString()
  const broken = text.match(/\ufffd/g)?.length ?? 0
  return (text.match(/[\u0080-\uffff]/g)?.length ?? 0) > 2 * broken
}

/** More than the frequency of letters in a short text tells by chance. */
const clearConfidence = 15

/**
 * The encoding under which the fewest words have signs inside them; of equals Windows-1252, unless the frequency of letters
 * clearly speaks for another.
 */
function guess(sample: Buffer): string {
  const found = analyse(sample).map(({ name, confidence }) => ({ name: names[name] ?? name, confidence }))
  const candidates = [...found.filter(({ name }) => encodingExists(name)), { name: usual, confidence: 0 }]
  const confidenceOf = (name: string) =>
    Math.max(...candidates.filter((each) => each.name === name).map(({ confidence }) => confidence))
  const judged = [...new Set(candidates.map(({ name }) => name))].map((name) => ({
    name,
    oddities: oddities(decode(sample, name)),
    weight: confidenceOf(name) + (name === usual ? clearConfidence : 0),
  }))
  const [best = { name: usual }] = judged.sort((a, b) => a.oddities - b.oddities || b.weight - a.weight)
  return best.name
}

const usual = 'windows-1252'
/** What the detector calls by the part of it that is in the sample. */
const names: Readonly<Record<string, string>> = {
  ASCII: usual,
  'ISO-8859-1': usual,
  'ISO-8859-2': 'windows-1250',
  'ISO-8859-7': 'windows-1253',
  'ISO-8859-9': 'windows-1254',
}

/** Characters that no text has: control characters, and signs beyond ASCII with letters beside them. */
function oddities(text: string): number {
  return (
    text.match(
      /[\u0080-\u009f\ufffd]|\p{L}(?![\u2019\u2013\u2014])[^\p{L}\p{M}\0-\x7f]|(?![\u2019\u2013\u2014])[^\p{L}\p{M}\0-\x7f]\p{L}/gu,
    )?.length ?? 0
  )
}

async function head(file: string, from = 0): Promise<Buffer> {
  const input = await open(file)
  try {
    const { buffer, bytesRead } = await input.read(Buffer.alloc(sampleBytes), 0, sampleBytes, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await input.close()
  }
}

function markOf(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return undefined
}

/** UTF-16 without a mark: every other byte of a header is zero. */
function wideOf(bytes: Buffer): string | undefined {
  const zeros = [0, 0]
  const count = Math.min(bytes.length, 4096)
  for (let i = 0; i < count; i++) if (bytes[i] === 0) zeros[i % 2]!++
  const [even = 0, odd = 0] = zeros
  if (Math.max(even, odd) < count / 8) return undefined
  return odd > even ? 'utf-16le' : 'utf-16be'
}

/** The start of the first piece of the file that is no UTF-8, in bytes; undefined when all of it is. */
async function firstNotUtf8(file: string): Promise<number | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let at = 0
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      decoder.decode(chunk, { stream: true })
      at += chunk.length
    }
    decoder.decode()
    return undefined
  } catch (error) {
    if (isBroken(error)) return at
    throw error
  }
}

function isBroken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
}

/**
 * The text of a file, piece by piece, without its byte order mark. Throws, naming the file, when it holds bytes that are
 * none of the encoding.
 */
export async function* textOf(file: string, { name, by }: Encoding): AsyncGenerator<string> {
  const isUtf8 = /^utf-?8$/i.test(name)
  // By iconv-lite, for TextDecoder of Node 20 reads Windows-1252 as Latin-1: 0x80 is no euro sign there.
  const decoder = isUtf8 ? new TextDecoder('utf-8', { fatal: true }) : getDecoder(name)
  const wrong = (at: number, cause?: unknown) =>
    new Error(
      `${file}: expected ${name} (by ${by}), got bytes near ${at} that are none; say file.encoding in the map`,
      {
        cause,
      },
    )
  let at = 0
  let isFirst = true
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let text: string
    try {
      text = decoder instanceof TextDecoder ? decoder.decode(chunk, { stream: true }) : decoder.write(chunk)
    } catch (error) {
      throw wrong(at, error)
    }
    if (!isUtf8 && text.includes('\ufffd')) throw wrong(at)
    if (isFirst) text = text.replace(/^\ufeff/, '')
    if (text !== '') isFirst = false
    yield text
    at += chunk.length
  }
  try {
    yield decoder instanceof TextDecoder ? decoder.decode() : (decoder.end() ?? '')
  } catch (error) {
    throw wrong(at, error)
  }
}
