import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** What a sort may hold in memory, in characters of JSON; what is more goes to runs on disk. */
export const sortCharacters = 8 * 1024 * 1024

interface Entry<T> {
  readonly key: string
  readonly item: T
}

/**
 * External merge sort: the items in the order of their keys (by UTF-16 code units), those with equal keys in the order they
 * came. Items are such as JSON keeps. Memory: about `characters` of it, and of each run on disk a few lines; the runs are in
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
  let held: Entry<T>[] = []
  let size = 0
  const sizeOf = sizer<T>()
  try {
    for await (const item of items) {
      const entry = { key: keyOf(item), item }
      held.push(entry)
      size += entry.key.length + sizeOf(item)
      if (size < characters) continue
      folder ??= await mkdtemp(join(beneath, 'tillstream-sort-'))
      runs.push(await writeRun(join(folder, String(runs.length)), held))
      held = []
      size = 0
    }
    held.sort(byKey)
    if (runs.length === 0) for (const { item } of held) yield item
    else yield* merged([...runs.map((run) => readRun<T>(run)), memoryRun(held)])
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

const itemsPerMeasure = 32

/** Tells the size of items as JSON: of one in so many, which the next are taken to have too. */
function sizer<T>(): (item: T) => number {
  let [count, last] = [0, 0]
  return (item) => {
    if (count++ % itemsPerMeasure === 0) last = JSON.stringify(item).length
    return last
  }
}

/** Stable, as Array.sort is. */
function byKey(a: Entry<unknown>, b: Entry<unknown>): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

const entriesPerWrite = 1_000

async function writeRun(file: string, entries: Entry<unknown>[]): Promise<string> {
  entries.sort(byKey)
  const output = await open(file, 'w')
  try {
    for (let from = 0; from < entries.length; from += entriesPerWrite) {
      const lines = entries
        .slice(from, from + entriesPerWrite)
        .map(({ key, item }) => `${lineOf(key)}\n${lineOf(item)}\n`)
      await output.writeFile(lines.join(''))
    }
  } finally {
    await output.close()
  }
  return file
}

/** JSON has no line breaks of its own; U+2028 and U+2029, which some readers of lines take for one, are escaped. */
function lineOf(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (mark) => (mark === '\u2028' ? '\\u2028' : '\\u2029'))
}

async function* readRun<T>(file: string): AsyncGenerator<Entry<T>> {
  const input = createReadStream(file)
  let key: string | undefined
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (key === undefined) key = JSON.parse(line) as string
      else {
        yield { key, item: JSON.parse(line) as T }
        key = undefined
      }
    }
  } finally {
    input.destroy()
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a run like those on disk
async function* memoryRun<T>(entries: readonly Entry<T>[]): AsyncGenerator<Entry<T>> {
  yield* entries
}

/** The least head of all runs, again and again; of equal keys that of the earliest run. */
async function* merged<T>(runs: readonly AsyncGenerator<Entry<T>>[]): AsyncGenerator<T> {
  try {
    const heads: { readonly run: AsyncGenerator<Entry<T>>; entry: Entry<T> }[] = []
    for (const run of runs) {
      const head = await run.next()
      if (head.done !== true) heads.push({ run, entry: head.value })
    }
    for (;;) {
      const least = leastOf(heads)
      const head = heads[least]
      if (!head) return
      yield head.entry.item
      const next = await head.run.next()
      if (next.done === true) heads.splice(least, 1)
      else head.entry = next.value
    }
  } finally {
    for (const run of runs) await run.return(undefined)
  }
}

/** The place of the first head with the least key; of none, -1. */
function leastOf(heads: readonly { readonly entry: Entry<unknown> }[]): number {
  let least = -1
  let key: string | undefined
  for (const [i, { entry }] of heads.entries()) {
    if (key !== undefined && key <= entry.key) continue
    least = i
    key = entry.key
  }
  return least
}
