// Tested in test/pipeline/rebuild/rebuild-races.test.ts.
/*
 * A rebuild from a date on keeps the rows of earlier dates, which a sink's old writer brought. That writer may die, or be
 * refused under the new rules, before it has brought all of them: what it then still owes, the rebuild adds. So whatever
 * the fold puts out for those dates is noted while the sink may lack it, and asked again when the sink stands still.
 */

/** A row of a date that stays, or what becomes one, and the message that it comes from. */
export interface Owed<T> {
  readonly partition: number
  readonly sequence: number
  readonly row: T
}

/** Sequence number of the last message of each partition that a sink has taken. */
export type SinkPositions = ReadonlyMap<number, number>

/** Whether a sink may lack what comes from a message; one that has never had anything is owed nothing. */
export function mayLack(at: SinkPositions, { partition, sequence }: Omit<Owed<unknown>, 'row'>): boolean {
  return at.size > 0 && sequence > (at.get(partition) ?? -1)
}

/** What a sink at these positions has not got. */
export function stillOwed<T>(owed: readonly Owed<T>[], at: SinkPositions): readonly Owed<T>[] {
  return owed.filter(({ partition, sequence }) => sequence > (at.get(partition) ?? -1))
}

/** Whether a sink that has taken a partition up to a message has got any of it. */
export function hasGotAny(
  owed: readonly Owed<unknown>[],
  { partition, sequence }: Omit<Owed<unknown>, 'row'>,
): boolean {
  return owed.some((one) => one.partition === partition && one.sequence <= sequence)
}
