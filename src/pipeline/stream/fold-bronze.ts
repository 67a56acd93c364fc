// Tested in test/pipeline/stream/ingest.test.ts.
import { type Emit, step, type WindowRow } from '../../fold/step'
import { type State } from '../../fold/state'
import { type AddFile } from '../../lake/log/action'
import { type FileView, mayHold, readFile, selectFiles } from '../../lake/scan'
import { type Row } from '../../lake/schema'
import { type Snapshot } from '../../lake/log/snapshot'
import { entryFromRow, entryColumns } from '../rows/bronze'
import { storeZones } from '../rows/store-zones'
import { type StoreZone } from '../../warehouse/stores'
import { type Ports } from '../ports'

/*
 * Recovery of a partition's state from the log: what bronze holds is folded again, in the order of the log, with files
 * prefetched while earlier rows are folded. A resume folds from a saved state on, a rebuild from the first event.
 */

/** Rows folded at a time, so that a long stretch is bounded in memory; large ones are bounded by their bytes before. */
const chunkRows = 20_000

/** What folding bronze needs of the ports. */
export type FoldPorts = Pick<Ports, 'rules' | 'decodeRules' | 'maxBatchBytes'> & {
  readonly tables: Pick<Ports['tables'], 'bronze'>
}

/** What a stretch of the log changed downstream of bronze. */
export interface Effects {
  readonly partition: number
  /** Sequence number of the last message of the stretch. */
  readonly sequence: number
  readonly out: readonly Emit[]
  readonly live: readonly WindowRow[]
  /** Zones of stores that its events say; no part of the fold's state, for the newest one counts whenever it comes. */
  readonly zones: readonly StoreZone[]
}

/** A part of a partition's log that bronze holds. */
export interface Stretch {
  readonly partition: number
  /** Rows up to this sequence number are in the state already. */
  readonly after: number
  readonly bronze: Snapshot
  /** What is folded at a time ends here once; default: wherever it does. */
  readonly pauseAt?: number
}

/**
 * Folds a stretch of bronze onto a state, which it changes in place, and gives what that puts out to `take`, some events
 * at a time and each time up to the end of a message.
 */
export async function foldBronze(
  ports: FoldPorts,
  { state, ...stretch }: Stretch & { readonly state: State },
  take: (effects: Effects, events: number) => Promise<void>,
): Promise<void> {
  const { partition, pauseAt = Infinity } = stretch
  let [chunk, bytes]: [Row[], number] = [[], 0]
  const fold = async () => {
    const rows = chunk
    ;[chunk, bytes] = [[], 0]
    const last = rows.at(-1)
    if (!last) return
    const entries = rows.map((row) => entryFromRow(row, ports.decodeRules))
    const { out, live } = step(state, entries, ports.rules)
    await take({ partition, sequence: Number(last.sequence), out, live, zones: storeZones(entries) }, rows.length)
  }
  for await (const rows of inOrder(ports, stretch)) {
    for (const row of rows) {
      const before = chunk.at(-1)?.sequence
      const isFull = chunk.length >= chunkRows || bytes + bytesOf(row) > ports.maxBatchBytes
      const isDue = isFull || (Number(before) <= pauseAt && Number(row.sequence) > pauseAt)
      // A message's events stay together: a position is a whole message.
      if (isDue && before !== row.sequence) await fold()
      chunk.push(row)
      bytes += bytesOf(row)
    }
  }
  await fold()
}

function bytesOf({ body }: Row): number {
  return body instanceof Uint8Array ? body.byteLength : 0
}

/** The stretch's rows in log order, whatever files they are in; holds no more than files that overlap. */
async function* inOrder(ports: FoldPorts, { partition, after, bronze }: Stretch): AsyncGenerator<readonly Row[]> {
  const isWanted = (row: Row) => row.partition_id === partition && Number(row.sequence) > after
  const files = stretchFiles(bronze, { partition, after })
  let pending: Row[] = []
  for await (const { next, content } of readAhead(files, (file) => rowsOf(ports, bronze, { file, isWanted }))) {
    pending = pending.concat(content)
    const settledBelow = next ? next.least : Infinity
    pending.sort((a, b) => Number(a.sequence) - Number(b.sequence) || Number(a.item) - Number(b.item))
    const unsettled = pending.findIndex((row) => Number(row.sequence) >= settledBelow)
    const end = unsettled === -1 ? pending.length : unsettled
    yield pending.slice(0, end)
    pending = pending.slice(end)
  }
}

/** A bronze file and the lowest sequence number it may hold. */
interface BronzeFile {
  readonly add: AddFile
  readonly least: number
}

/** The files that may hold rows of the stretch, by their lowest sequence number. */
function stretchFiles(
  bronze: Snapshot,
  { partition, after }: Pick<Stretch, 'partition' | 'after'>,
): readonly BronzeFile[] {
  const least = new Map<string, number>()
  const where = (file: FileView) => {
    least.set(file.path, Number(file.min.sequence ?? -1))
    return mayHold(file, 'partition_id', [partition, partition]) && mayHold(file, 'sequence', [after + 1, Infinity])
  }
  const files = selectFiles(bronze, { where }).map((add) => ({ add, least: least.get(add.path) ?? -1 }))
  return files.sort((a, b) => a.least - b.least)
}

async function rowsOf(
  { tables }: FoldPorts,
  { schema }: Snapshot,
  { file, isWanted }: { readonly file: BronzeFile; readonly isWanted: (row: Row) => boolean },
): Promise<readonly Row[]> {
  const found: Row[] = []
  for await (const rows of readFile(tables.bronze, file.add, { schema, columns: entryColumns })) {
    for (const row of rows) if (isWanted(row)) found.push(row)
  }
  return found
}

/** Bounds of the prefetch: a store takes longer to answer than to send, so several files are on their way at once. */
const aheadFiles = 8
const aheadBytes = 32 << 20

/** Prefetch: files in order with their contents, those after the one being used already on their way. */
async function* readAhead<T>(
  files: readonly BronzeFile[],
  read: (file: BronzeFile) => Promise<T>,
): AsyncGenerator<{ readonly next: BronzeFile | undefined; readonly content: T }> {
  const begun: { readonly content: Promise<T>; readonly sizeBytes: number }[] = []
  let [at, bytes] = [0, 0]
  for (const index of files.keys()) {
    for (let file = files[at]; file && hasRoom(begun.length, bytes + file.add.sizeBytes); file = files[++at]) {
      const content = read(file)
      // Awaited only when its turn comes, and never after an earlier one has failed: it must not count as unhandled.
      content.catch(() => undefined)
      begun.push({ content, sizeBytes: file.add.sizeBytes })
      bytes += file.add.sizeBytes
    }
    const first = begun.shift()
    if (!first) return
    bytes -= first.sizeBytes
    yield { next: files[index + 1], content: await first.content }
  }
}

function hasRoom(files: number, bytes: number): boolean {
  return files === 0 || (files < aheadFiles && bytes <= aheadBytes)
}
