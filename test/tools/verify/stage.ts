import { verify, type Subject } from '../../../tools/verify/run'
import { type Report } from '../../../tools/verify/report'
import { type HubLog } from '../../../tools/verify/hub-log'
import { type Store } from '../../../src/lake/store'
import { type Message } from '../../../src/event/message'
import { dailyPorts } from '../../../src/pipeline/daily/ports'
import { runDays } from '../../../src/pipeline/daily/run'
import { openIngest } from '../../../src/pipeline/stream/ingest'
import { inLake } from '../../../src/pipeline/stream/numbering'
import { type Warehouse } from '../../../src/warehouse/connection'
import { decodeRules, openPlant, rules, thresholds } from '../../pipeline/plant'

/** A hub that holds these messages, by partition. */
export function hubOf(...partitions: readonly (readonly Message[])[]): HubLog {
  const held = (messages: readonly Message[] | undefined) => {
    const [first, last] = [messages?.[0], messages?.at(-1)]
    return first && last ? { first: first.sequence, last: last.sequence } : undefined
  }
  return {
    partitions: () => Promise.resolve(partitions.map((_, partition) => partition)),
    held: (partition) => Promise.resolve(held(partitions[partition])),
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, an array is not
    read: async function* (partition) {
      yield partitions[partition] ?? []
    },
  }
}

/** Takes the partitions through the pipeline, and the days through the batch. */
export async function take(
  store: Store,
  {
    warehouse,
    partitions,
    days = [],
    generation = 0,
  }: {
    readonly warehouse: Warehouse
    readonly partitions: readonly (readonly Message[])[]
    readonly days?: readonly string[]
    readonly generation?: number
  },
): Promise<void> {
  const ports = await openPlant(store, { warehouse, generation })
  const ingest = openIngest(ports)
  for (const [partition, messages] of partitions.entries()) {
    await ingest.take(partition, inLake(messages, generation))
  }
  await runDays(dailyPorts(ports, thresholds), days)
}

/** Verifies by the plant's rules, with nothing else to say about it. */
export function verifyPlant(subject: Pick<Subject, 'hub' | 'store' | 'warehouse'> & Partial<Subject>): Promise<Report> {
  return verify({
    rules,
    limits: decodeRules,
    thresholds,
    sources: [],
    firstSequence: 0,
    stream: 'test',
    settle: () => Promise.resolve(),
    say: () => undefined,
    ...subject,
  })
}

/** The checks that failed, as `silver sales_1m: 2`. */
export function failures(report: Report): string[] {
  const { source, bronze, silver, gold, warehouse } = report
  return Object.entries({ source, bronze, silver, gold, warehouse }).flatMap(([section, { checks }]) =>
    Object.entries(checks).flatMap(([name, { mismatches }]) =>
      mismatches === 0 ? [] : [`${section} ${name}: ${mismatches}`],
    ),
  )
}
