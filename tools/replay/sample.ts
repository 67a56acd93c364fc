// Tested in test/tools/replay/proposal.test.ts.
import { eventOf } from '../../generator/csv/receipt'
import { noCounts, receiptsOf } from '../../generator/csv/receipts'
import { openRows } from '../../generator/csv/source'
import { type CsvMap } from '../../generator/csv/map'
import { decode, type DecodeRules } from '../../src/event/decode'

/** An event as it would be sent, and why the pipeline would reject it. */
export interface Example {
  readonly event: Readonly<Record<string, unknown>>
  readonly rows: number
  /** Reason and detail; absent when it would be accepted. */
  readonly refusal?: string
}

/**
 * The first rows of a file as events, decoded as the pipeline would were they sent at `nowMs`. An order may be cut off
 * where the rows end. Throws where the file lacks a column of the map.
 */
export async function sampleOf(
  file: string,
  map: CsvMap,
  { rules, rows: most, nowMs }: { readonly rules: DecodeRules; readonly rows: number; readonly nowMs: number },
): Promise<readonly Example[]> {
  const { rows } = await openRows(file, map)
  const examples: Example[] = []
  for await (const receipt of receiptsOf(first(rows, most), { map, counts: noCounts() })) {
    const { body } = eventOf(receipt)
    const refused = decode(body, { enqueuedMs: nowMs, rules }).find((each) => each.kind === 'reject')
    const refusal = refused && `${refused.reason}: ${refused.detail}`
    const event = JSON.parse(Buffer.from(body).toString()) as Example['event']
    examples.push({ event, rows: receipt.rows, ...(refusal !== undefined && { refusal }) })
  }
  return examples
}

async function* first<T>(rows: AsyncGenerator<T>, most: number): AsyncGenerator<T> {
  let count = 0
  for await (const row of rows) {
    yield row
    if (++count === most) return
  }
}

/** Rows that show whether a map fits. */
const checkedRows = 1000

/**
 * Throws when a map cannot be right: a column it names is missing, or nothing in the first rows of any of the files
 * would be accepted. Says what the first of each kind of reject was, and what to do. Sends nothing.
 */
export async function checkMap(
  files: readonly string[],
  map: CsvMap,
  { rules, nowMs }: { readonly rules: DecodeRules; readonly nowMs: number },
): Promise<void> {
  const refusals = new Map<string, { count: number; readonly first: Example }>()
  let accepted = 0
  for (const file of files) {
    for (const example of await sampleOf(file, map, { rules, rows: checkedRows, nowMs })) {
      if (example.refusal === undefined) accepted++
      else {
        const kind = example.refusal.split(':', 2).join(':')
        const before = refusals.get(kind)
        refusals.set(kind, { count: (before?.count ?? 0) + 1, first: before?.first ?? example })
      }
    }
  }
  if (accepted > 0 || refusals.size === 0) return
  const told = [...refusals.values()].flatMap(({ count, first: { refusal, event } }) => [
    `  ${refusal} (${count} ${count === 1 ? 'time' : 'times'})`,
    `    ${JSON.stringify(event).slice(0, 300)}`,
  ])
  throw new Error(
    `the map does not fit: all of the first rows of ${files.join(', ')} would be rejected\n${told.join('\n')}\n` +
      '  nothing was started or sent; correct the map, or run without --map to have one proposed',
  )
}
