// Tested in test/pipeline/stream/ingest.test.ts.
import { type DecodeRules } from '../event/decode'
import { type Rules } from '../fold/rules'
import { type Store } from '../lake/store'
import { type Table } from '../lake/table'
import { type Warehouse } from '../warehouse/connection'
import { type Installation } from '../warehouse/installation'
import { type Message } from '../event/message'

/** What the pipeline works with: stores, tables, limits and the clock. Opened once per process, by `app/ports.ts`. */
export interface Ports {
  /** Name of the stream, one for each lake: with a partition it names whose position a commit carries. */
  readonly stream: string
  /** The lake's number of the hub's first message; above 0 once the hub has been created anew. */
  readonly firstSequence: number
  readonly store: Store
  readonly tables: LakeTables
  readonly warehouse: Warehouse
  readonly rules: Rules
  readonly decodeRules: DecodeRules
  /** By which days and which currency the figures are made, as the settings say. */
  readonly installation: Installation
  /** Bytes of bodies, at most, that are taken at a time: decoded, committed and folded. One message always is. */
  readonly maxBatchBytes: number
  /** Events of a partition between two saved states; more where the state is large. */
  readonly snapshotEveryEvents: number
  /** Commits of a table between two Delta checkpoints; absent: only `upkeep` writes them. */
  readonly checkpointEveryCommits?: number
  /** Epoch milliseconds; only for measuring and for names, never for what is written into a row. */
  readonly clock: () => number
  /** A unique name, such as a UUID: no other call, in whatever process, gets the same. */
  readonly unique: () => string
  /** Messages of a partition that the hub still holds, both ends included, in pages; numbers are the lake's. */
  readonly readBack: (
    partition: number,
    range: { readonly first: number; readonly last: number },
  ) => AsyncIterable<readonly Message[]>
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** The lake as the pipeline writes it. */
export interface LakeTables {
  readonly bronze: Table
  /** What the hub deleted before it was read. */
  readonly gaps: Table
  /** Silver tables and gold stock-outs by table name. */
  readonly derived: ReadonlyMap<string, Table>
  /** Gold tables of the daily batch by table name. */
  readonly daily: ReadonlyMap<string, Table>
}
