// Tested in test/warehouse/partitions.test.ts.
import { type Session } from './connection'

/** A store whose events of the last day, by event time, came from several partitions. */
export interface ScatteredStore {
  readonly storeId: string
  readonly partitions: number
  /** Its events of that day. */
  readonly received: number
}

/**
 * The stores that are in several partitions, those with the most events first, at most `limit` of them. Their sums are
 * right all the same; duplicates, stock-outs and the order of events are known within a partition only.
 */
export async function readScattered(session: Session, { limit = 20 } = {}): Promise<readonly ScatteredStore[]> {
  const rows = await session.query(
    'SELECT store_id, partitions, received FROM v_stores_in_partitions ORDER BY received DESC, store_id LIMIT $1',
    [limit],
  )
  return rows.map(({ store_id, partitions, received }) => ({
    storeId: store_id ?? '',
    partitions: Number(partitions),
    received: Number(received),
  }))
}

/** How many stores are in several partitions. */
export async function countScattered(session: Session): Promise<number> {
  const [row] = await session.query('SELECT count(*) AS n FROM v_stores_in_partitions')
  return Number(row?.n)
}
