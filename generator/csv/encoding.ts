import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { analyse } from 'chardet'
import { encodingExists, getDecoder } from 'iconv-lite'

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
    if (encodingExists(said)) return { name: said, by: 'map' }
    throw new Error(
      `${file}: expected an encoding such as utf-8, windows-1252, utf-16le; got "${said}"; correct the map`,
    )
  }
  const sample = await head(file)
  const marked = markOf(sample)
  if (marked !== undefined) return { name: marked, by: 'byte order mark' }
  const wide = wideOf(sample)
  if (wide !== undefined) return { name: wide, by: 'zero bytes' }
  const brokenAt = await firstNotUtf8(file)
  if (brokenAt === undefined) return { name: 'utf-8', by: 'all of it is UTF-8' }
  const guesses = analyse(sample).map(({ name }) => (name === 'ISO-8859-1' || name === 'ASCII' ? 'windows-1252' : name))
  if (guesses[0] === 'UTF-8') {
    throw new Error(
      `${file}: expected one encoding, got UTF-8 with bytes near ${brokenAt} that are none; ` +
        'mend the file, or say its encoding as file.encoding in the map',
    )
  }
  return { name: guesses.find((name) => name !== 'UTF-8' && encodingExists(name)) ?? 'windows-1252', by: 'guess' }
}

async function head(file: string): Promise<Buffer> {
  const input = await open(file)
  try {
    const { buffer, bytesRead } = await input.read(Buffer.alloc(sampleBytes), 0, sampleBytes, 0)
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
    if (error instanceof TypeError) return at
    throw error
  }
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
