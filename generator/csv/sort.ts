import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What a sort may hold in memory, in characters; what is more goes to runs on disk. */
export const sortCharacters = 32 * 1024 * 1024

interface Entry {
  readonly key: string
  /** The item as JSON. */
  readonly text: string
}

/**
 * External merge sort: the items in the order of their keys (by UTF-16 code units), those with equal keys in the order they
 * came. Items are copied through JSON. Memory: `characters` of it, and of each run on disk a few lines; the runs are in
 * a folder of their own `beneath` the system's temporary one, removed when the sort ends, fails or is left.
 */
export async function* sorted<T>(
  items: AsyncIterable<T> | Iterable<T>,
  {
    keyOf,
    characters = sortCharacters,
    beneath = tmpdir(),
  }: { readonly keyOf: (item: T) => string; readonly characters?: number; readonly beneath?: string },
): AsyncGenerator<T> {
  const runs: string[] = []
  let folder: string | undefined
  let held: Entry[] = []
  let size = 0
  try {
    for await (const item of items) {
      const entry = { key: keyOf(item), text: JSON.stringify(item) }
      held.push(entry)
      size += entry.key.length + entry.text.length
      if (size < characters) continue
      folder ??= await mkdtemp(join(beneath, 'tillstream-sort-'))
      runs.push(await writeRun(join(folder, String(runs.length)), held))
      held = []
      size = 0
    }
    const last = held.sort(byKey)
    held = []
    const sources = [...runs.map(readRun), memoryRun(last)]
    for await (const { text } of merged(sources)) yield JSON.parse(text) as T
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** Stable, as Array.sort is. */
function byKey(a: Entry, b: Entry): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

const entriesPerWrite = 1_000

async function writeRun(file: string, entries: Entry[]): Promise<string> {
  entries.sort(byKey)
  const output = await open(file, 'w')
  try {
    for (let from = 0; from < entries.length; from += entriesPerWrite) {
      const lines = entries
        .slice(from, from + entriesPerWrite)
        .map(({ key, text }) => `${JSON.stringify(key)}\n${text}\n`)
      await output.writeFile(lines.join(''))
    }
  } finally {
    await output.close()
  }
  return file
}

async function* readRun(file: string): AsyncGenerator<Entry> {
  const input = createReadStream(file)
  let key: string | undefined
  try {
    // JSON has no line breaks of its own; U+2028 is none to readline either.
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (key === undefined) key = JSON.parse(line) as string
      else {
        yield { key, text: line }
        key = undefined
      }
    }
  } finally {
    input.destroy()
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a run like those on disk
async function* memoryRun(entries: Entry[]): AsyncGenerator<Entry> {
  yield* entries
}

/** The least head of all runs, again and again; of equal keys that of the earliest run. */
async function* merged(runs: readonly AsyncGenerator<Entry>[]): AsyncGenerator<Entry> {
  try {
    const heads: { readonly run: AsyncGenerator<Entry>; entry: Entry }[] = []
    for (const run of runs) {
      const head = await run.next()
      if (head.done !== true) heads.push({ run, entry: head.value })
    }
    while (heads.length > 0) {
      let least = 0
      for (let i = 1; i < heads.length; i++) if (heads[i]!.entry.key < heads[least]!.entry.key) least = i
      const head = heads[least]!
      yield head.entry
      const next = await head.run.next()
      if (next.done === true) heads.splice(least, 1)
      else head.entry = next.value
    }
  } finally {
    for (const run of runs) await run.return(undefined)
  }
}
