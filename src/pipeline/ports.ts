import { type DecodeRules } from '../event/decode'
import { type Rules } from '../fold/rules'
import { type Store } from '../lake/store'
import { type Table } from '../lake/table'
import { type Warehouse } from '../warehouse/connection'
import { type Message } from './bronze'

/** What the pipeline works with; built once per process by whoever runs it. */
export interface Ports {
  /** Name of the hub: with a partition it names whose position a commit carries. */
  readonly hub: string
  readonly store: Store
  readonly tables: LakeTables
  readonly warehouse: Warehouse
  readonly rules: Rules
  readonly decodeRules: DecodeRules
  readonly snapshotEveryEvents: number
  /** Epoch milliseconds; only for measuring and for names, never for what is written into a row. */
  readonly clock: () => number
  /** A text nobody else gets. */
  readonly unique: () => string
  /** Messages of a partition that the hub still holds, both ends included, in pages. */
  readonly readBack: (
    partition: number,
    range: { readonly first: number; readonly last: number },
  ) => AsyncIterable<readonly Message[]>
  readonly log: (level: 'info' | 'warn' | 'error', message: string) => void
}

/** The lake as the pipeline writes it. */
export interface LakeTables {
  readonly bronze: Table
  /** Silver tables and gold stock-outs by table name. */
  readonly derived: ReadonlyMap<string, Table>
  readonly dailySales: Table
}

/** The name under which a partition's position rides in a commit (Delta PROTOCOL.md, "Transaction Identifiers"). */
export function appId(hub: string, partition: number): string {
  return `${hub}/${partition}`
}
