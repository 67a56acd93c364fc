import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { examples } from '../../../src/event/examples'
import { type Message } from '../../../src/event/message'
import { type Range } from '../../../src/pipeline/stream/numbering'
import { partsOf, type Piece, piecesOf, type Run } from '../../../src/pipeline/stream/pieces'
import { decodeRules } from '../plant'

/** Bodies of 0 to 6 bytes. */
const message = (sequence: number): Message => ({
  sequence,
  enqueuedMs: sequence * 1000,
  body: new Uint8Array((sequence * 5) % 7),
})

const bytesOf = (messages: readonly Message[]) => messages.reduce((sum, { body }) => sum + body.byteLength, 0)

/** A hub that holds these messages, pages cut anew after each size, and more in them than was asked for. */
function hubOf(held: readonly number[], sizes: readonly number[], beyond: number) {
  const asked: Range[] = []
  // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, an array is not
  const readBack = async function* (range: Range) {
    asked.push(range)
    const found = held.filter((sequence) => sequence >= range.first - beyond && sequence <= range.last + beyond)
    for (let from = 0, page = 0; from < found.length; page++) {
      const size = sizes[page % sizes.length] ?? 1
      yield found.slice(from, from + size).map(message)
      from += size
    }
  }
  return { readBack, asked }
}

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = []
  for await (const piece of pieces) all.push(piece)
  return all
}

const numbersOf = (piece: Piece): number[] =>
  piece.kind === 'run'
    ? piece.messages.map(({ sequence }) => sequence)
    : Array.from({ length: piece.last - piece.first + 1 }, (_, index) => piece.first + index)

/** Numbers in rising order, some of them twice: what is redelivered may be in a batch again. */
const numbers = fc.array(fc.nat(40), { maxLength: 25 }).map((found) => found.sort((a, b) => a - b))

test('G4: runs of bounded bytes and lost pieces tile what lies between bronze and the end of the batch, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        next: fc.nat(30),
        delivered: numbers,
        held: fc.uniqueArray(fc.nat(45), { maxLength: 45 }).map((found) => found.sort((a, b) => a - b)),
        sizes: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1 }).filter((all) => all.some((size) => size > 0)),
        beyond: fc.nat(3),
        maxBytes: fc.integer({ min: 1, max: 40 }),
      }),
      async ({ next, delivered, held, sizes, beyond, maxBytes }) => {
        const { readBack, asked } = hubOf(held, sizes, beyond)
        const pieces = await collect(piecesOf(delivered.map(message), { next, readBack, maxBytes }))
        const last = delivered.at(-1) ?? -1
        const wanted = Array.from({ length: Math.max(0, last - next + 1) }, (_, index) => next + index)
        expect(pieces.flatMap(numbersOf)).toEqual(wanted)
        const there = new Set([...delivered, ...held])
        for (const piece of pieces)
          expect(numbersOf(piece).map((n) => there.has(n))).not.toContain(piece.kind === 'lost')
        // What is lost ends where a message follows, and goes on as far as nothing is there.
        pieces.forEach((piece, index) => {
          if (piece.kind !== 'lost') return
          const after = pieces[index + 1]
          expect(after).toMatchObject({ kind: 'run' })
          expect(piece.before).toBe(after?.kind === 'run' ? after.messages[0] : undefined)
        })
        for (const piece of pieces) {
          if (piece.kind === 'run' && piece.messages.length > 1) {
            expect(bytesOf(piece.messages)).toBeLessThanOrEqual(maxBytes)
          }
        }
        // The hub is asked for nothing that the batch brought.
        for (const { first, last: end } of asked) {
          expect(delivered.filter((sequence) => sequence >= first && sequence <= end)).toEqual([])
        }
      },
    ),
  )
})

test('a batch that follows on bronze is one run, and the hub is not asked', async () => {
  const { readBack, asked } = hubOf([], [1], 0)
  const pieces = await collect(piecesOf([3, 4, 5, 6].map(message), { next: 5, readBack, maxBytes: 100 }))
  expect(pieces).toEqual([{ kind: 'run', messages: [5, 6].map(message) }])
  expect(asked).toEqual([])
})

test('a batch of large bodies is as many runs as it takes, each as full as the bound allows', async () => {
  const { readBack } = hubOf([], [1], 0)
  // Bodies of 0, 5, 3, 1, 6, 4 and 2 bytes.
  const pieces = await collect(piecesOf([0, 1, 2, 3, 4, 5, 6].map(message), { next: 0, readBack, maxBytes: 8 }))
  expect(pieces.map(numbersOf)).toEqual([
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ])
  const single = await collect(piecesOf([4, 5].map(message), { next: 4, readBack, maxBytes: 3 }))
  expect(single.map(numbersOf)).toEqual([[4], [5]])
})

/** A body of one of these forms that holds so many pulses. */
const bodyOf = (pulses: number, form: 'plain' | 'gzip' | 'records') => {
  const list = Array<unknown>(pulses).fill(examples.pulse)
  const text = JSON.stringify(form === 'records' ? { records: list } : list)
  return form === 'gzip' ? gzipSync(text) : Buffer.from(text)
}

test('P5: parts tile their run, and what is in one is bounded however well it was packed', () => {
  const forms = fc.constantFrom('plain' as const, 'gzip' as const, 'records' as const)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), forms), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 9000 }),
      (contents, maxBytes) => {
        const run = contents.map(([pulses, form], sequence): Message => ({
          sequence,
          enqueuedMs: Date.parse(examples.pulse.eventTime),
          body: bodyOf(pulses, form),
        }))
        const parts = [...partsOf(run as unknown as Run, { rules: decodeRules, maxBytes })]
        expect(parts.flatMap(({ messages }) => messages)).toEqual(run)
        expect(parts.map(({ events }) => events.map(({ sequence, item }) => [sequence, item]))).toEqual(
          parts.map(({ messages }) =>
            messages.flatMap(({ sequence }) =>
              Array.from({ length: Math.max(1, contents[sequence]?.[0] ?? 0) }, (_, item) => [sequence, item]),
            ),
          ),
        )
        const bytes = parts.map(({ events }) =>
          events.reduce((sum, { raw, envelope }) => sum + raw.byteLength + (envelope?.byteLength ?? 0), 0),
        )
        parts.forEach(({ messages }, index) => {
          if (messages.length > 1) expect(bytes[index]).toBeLessThanOrEqual(maxBytes)
        })
        // None could have taken the message after it.
        parts.slice(1).forEach(({ messages: [next], events }, index) => {
          const ofNext = events.filter(({ sequence }) => sequence === next.sequence)
          const more = ofNext.reduce((sum, { raw, envelope }) => sum + raw.byteLength + (envelope?.byteLength ?? 0), 0)
          expect((bytes[index] ?? 0) + more).toBeGreaterThan(maxBytes)
        })
      },
    ),
  )
})
