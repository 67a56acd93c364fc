// Tested in test/pipeline/stream/ingest.test.ts.
import { columnsOf, type MeasureColumn } from '../../fold/measure'
import { type Rollup } from '../../fold/rollup'
import { type Rules } from '../../fold/rules'
import { type Column, type ColumnType, decimalType, type TableSchema } from '../../lake/schema'

/** A column before the currency is known: `money` becomes a decimal with the digits of its minor unit. */
export type SpecColumn = Omit<Column, 'type'> & { readonly type: ColumnType | 'money' }

/** Where every table lives and what its columns are. A root is `container/folder`. */
export interface TableSpec {
  /** As people name it in queries and docs: `bronze_events`, `sales_1m`, … */
  readonly name: string
  readonly root: string
  readonly schema: { readonly columns: readonly SpecColumn[]; readonly partitionBy: readonly string[] }
}

/** A table of this installation, its money in decimals of the currency's minor unit. */
export interface ScaledSpec extends TableSpec {
  readonly schema: TableSchema
}

/** The table that a spec is where the minor unit of the currency has so many digits after the point. */
export function scaled({ name, root, schema }: TableSpec, minorDigits: number): ScaledSpec {
  const moneyType = decimalType(minorDigits)
  const columns = schema.columns.map(({ type, ...rest }) => ({ ...rest, type: type === 'money' ? moneyType : type }))
  return { name, root, schema: { ...schema, columns } }
}

const column = (name: string, type: Column['type'], comment: string): Column => ({
  name,
  type,
  nullable: false,
  comment,
})
const optional = (name: string, type: Column['type'], comment: string): Column => ({
  name,
  type,
  nullable: true,
  comment,
})

const position: readonly Column[] = [
  column('partition_id', 'integer', 'partition of the hub'),
  column('sequence', 'long', 'sequence number of the EventData within the partition; 2^40 more per HUB_GENERATION'),
  column('item', 'integer', 'index of the event within the EventData, from 0'),
]

/** Every event as the hub took it, rejected ones too. */
export const bronzeEvents: ScaledSpec = {
  name: 'bronze_events',
  root: 'bronze/events',
  schema: {
    columns: [
      // By the day the hub took it and not by event time: an event cannot choose its folder, and a finished day stays so.
      column('ingest_date', 'date', 'UTC day the hub took the event'),
      ...position,
      column('enqueued_at', 'timestamp', 'when the hub took the event'),
      optional('event_id', 'string', 'null when rejected'),
      optional('type', 'string', 'null when rejected'),
      optional('event_time', 'timestamp', 'when it happened; null when rejected'),
      optional('store_id', 'string', 'null when rejected and for heartbeats'),
      optional('reject_reason', 'string', 'why the event does not count; null for one that does'),
      optional('reject_detail', 'string', 'field, what was expected, what came'),
      column('body', 'binary', 'the bytes of the event as its producer wrote them'),
      optional(
        'envelope',
        'binary',
        'the whole body as the hub took it, on item 0 of one wrapped or packed; else null',
      ),
    ],
    partitionBy: ['ingest_date'],
  },
}

/** Numbers missing in `bronze_events`: the hub deleted those messages before they were read. */
export const bronzeGaps: ScaledSpec = {
  name: 'bronze_gaps',
  root: 'bronze/gaps',
  schema: {
    columns: [
      column('partition_id', 'integer', 'partition of the hub'),
      column('first_sequence', 'long', 'first sequence number that is lost'),
      column('last_sequence', 'long', 'last one that is'),
      column('lost', 'long', 'how many they are'),
      column('next_enqueued_at', 'timestamp', 'when the hub took the message that follows'),
    ],
    partitionBy: [],
  },
}

/** Stock-out alerts: one row when an alert opens, one when it resolves. */
export const goldStockout: ScaledSpec = {
  name: 'gold_stockout',
  root: 'gold/stockout',
  schema: {
    columns: [
      column('date', 'date', 'UTC day the alert opened'),
      column('store_id', 'string', 'store'),
      column('product_id', 'string', 'product that sold there before'),
      column('change', 'string', 'opened or resolved'),
      column('last_sale_at', 'timestamp', 'event time of the sale before the silence'),
      column('opened_at', 'timestamp', 'event time at which the silence became an alert'),
      optional('resolved_at', 'timestamp', 'event time of the sale that ended it; null in an opened row'),
      ...position,
    ],
    partitionBy: ['date'],
  },
}

/** The silver table of a rollup: its closed windows, and the corrections that came after. */
export function silverTable(rollup: Rollup): TableSpec {
  return {
    name: rollup.name,
    root: `silver/${rollup.name}`,
    schema: {
      columns: [
        column('date', 'date', 'UTC day of the window'),
        column('window_start', 'timestamp', 'first instant of the window'),
        column('window_end', 'timestamp', 'first instant after the window'),
        ...rollup.dimensions.map(({ name, comment }) => column(name, 'string', comment)),
        ...rollup.measures.flatMap((measure) => columnsOf(measure)).map(measureColumn),
        column('kind', 'string', 'closed: the window as it closed; correction: what one later event adds to it'),
        ...position,
      ],
      partitionBy: ['date'],
    },
  }
}

/** The tables that the fold fills: silver by rollup, and stock-outs. */
export function derivedTables({ rollups, minorDigits }: Rules): readonly ScaledSpec[] {
  return [...rollups.map((rollup) => scaled(silverTable(rollup), minorDigits)), goldStockout]
}

const typeOf: Readonly<Record<MeasureColumn['holds'], SpecColumn['type']>> = {
  whole: 'long',
  minor: 'money',
  hundredths: 'decimal(18,2)',
  thousandths: 'decimal(18,3)',
  instant: 'timestamp',
  sketch: 'binary',
}

function measureColumn({ name, holds, nullable, comment }: MeasureColumn): SpecColumn {
  return { name, type: typeOf[holds], nullable, comment }
}
