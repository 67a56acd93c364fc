// Tested in test/pipeline/stream/ingest.test.ts.
import { type Message } from '../../event/message'
import { type Step } from '../../fold/step'
import { metricNames, record } from '../../observe/metrics'
import { announce, occurrenceNames } from '../../observe/occurrences'
import { type Ports } from '../ports'
import { type Owner } from './owner'

/** Messages that every sink has taken, and what the fold made of them. */
export interface Taken {
  readonly messages: readonly Message[]
  readonly folded: Step
}

/** Telemetry of messages that are through: what they were, how far event time is, and how long each one took. */
export function report({ clock }: Ports, { partition, state }: Owner, { messages, folded }: Taken): void {
  const { counts, out } = folded
  record(metricNames.events, counts.events)
  record(metricNames.pulses, counts.pulses)
  record(metricNames.late, counts.late)
  record(metricNames.duplicates, counts.duplicates)
  record(metricNames.conflicting, counts.conflicting)
  for (const [reason, count] of Object.entries(counts.rejected)) record(metricNames.rejected, count, { reason })
  record(metricNames.windowsClosed, out.filter(({ kind }) => kind === 'closed').length)
  for (const change of ['opened', 'resolved']) {
    const count = out.filter((emit) => emit.kind === 'stockout' && emit.change === change).length
    record(metricNames.stockouts, count, { change })
    if (change === 'opened' && count > 0) {
      announce(occurrenceNames.stockoutsOpened, count, { partition, lastSequence: messages.at(-1)?.sequence ?? -1 })
    }
  }
  const [nowMs, watermarkMs] = [clock(), state.watermark.ms]
  if (Number.isFinite(watermarkMs)) {
    record(metricNames.watermarkMs, watermarkMs, { partition: String(partition) })
    record(metricNames.watermarkLagMs, nowMs - watermarkMs, { partition: String(partition) })
  }
  for (const { enqueuedMs } of messages) record(metricNames.endToEndMs, nowMs - enqueuedMs)
}

/** Milliseconds since it was made. */
export function stopwatch({ clock }: Pick<Ports, 'clock'>): () => number {
  const startedMs = clock()
  return () => clock() - startedMs
}
