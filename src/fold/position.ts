/* Tested in test/fold/step.test.ts (an entry at or before the position). */

/** Where an event stands in its partition: the EventData's sequence number and the event's index inside its body. */
export interface Position {
  readonly sequence: number
  readonly item: number
}

/** Negative, zero or positive as `a` stands before, at or after `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a.sequence - b.sequence || a.item - b.item
}
