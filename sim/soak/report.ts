// Tested in test/sim/soak/soak.test.ts.
import { sections, type SectionName } from '../../tools/verify/checks'
import { type Report } from '../../tools/verify/report'
import { type Audit } from './ledger'
import { type Victim } from './plan'
import { countedBy } from './stack'

/** How long the stream stood still after a kill; null when it never moved again. */
export interface Recovery {
  readonly victim: Victim
  readonly tookMs: number | null
}

/** Everything a soak found out. */
export interface SoakOutcome {
  readonly recoveries: readonly Recovery[]
  readonly stuck: string | undefined
  readonly exits: Readonly<Record<Victim, number>>
  readonly sent: { readonly events: number; readonly resends: number }
  readonly audit: Audit
  readonly verified: Report
}

interface Times {
  readonly p50: number
  readonly max: number
}

/** What `npm run bench -- soak --json` prints. */
export interface SoakReport {
  readonly ok: boolean
  readonly kills: Readonly<Record<Victim, number>>
  /** Ends that nobody asked for, such as a host that found no hub when it started. */
  readonly exits: Readonly<Record<Victim, number>>
  /** Events the hub acknowledged to the generator, and sends that had to be made again. */
  readonly eventsSent: number
  readonly resends: number
  /** Rows of bronze, resent events included. */
  readonly eventsIn: number
  /** Partitions that those are in. */
  readonly partitions: number
  /** Acknowledged events that are not in bronze. */
  readonly lost: number
  /** Rows of bronze at a position that is taken. */
  readonly duplicated: number
  /** Rows of any table that differ from what the hub's log says. */
  readonly wrong: number
  readonly stuck?: string
  /** From a kill until the stream moved again, from end to end; kills overlap. */
  readonly recoverMs: Times & Readonly<Record<Victim, Times>>
  readonly verify: {
    readonly ok: boolean
    readonly checked: number
    readonly mismatches: number
    readonly sections: Readonly<Record<SectionName, { readonly checked: number; readonly mismatches: number }>>
    /** Checks that failed, with the first rows that differ. */
    readonly failed: Readonly<Record<string, unknown>>
  }
}

/** The report of an outcome: ok when nothing is lost, doubled or wrong, and everything came up again. */
export function reportOf({ recoveries, stuck, exits, sent, audit, verified }: SoakOutcome): SoakReport {
  const { lost, duplicated } = audit
  const tookMs = (victim?: Victim) =>
    timesOf(recoveries.filter((each) => victim === undefined || each.victim === victim).map((each) => each.tookMs))
  return {
    ok: verified.ok && lost === 0 && duplicated === 0 && stuck === undefined,
    kills: countedBy((victim) => recoveries.filter((each) => each.victim === victim).length),
    exits,
    eventsSent: sent.events,
    resends: sent.resends,
    eventsIn: audit.rows,
    partitions: audit.partitions,
    lost,
    duplicated,
    wrong: verified.mismatches,
    ...(stuck !== undefined && { stuck }),
    recoverMs: {
      ...tookMs(),
      host: tookMs('host'),
      hub: tookMs('hub'),
      gateway: tookMs('gateway'),
      postgres: tookMs('postgres'),
    },
    verify: summary(verified),
  }
}

function timesOf(all: readonly (number | null)[]): Times {
  const sorted = all.filter((ms) => ms !== null).sort((a, b) => a - b)
  return { p50: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, max: sorted.at(-1) ?? 0 }
}

function summary(verified: Report): SoakReport['verify'] {
  const counted = sections.map((name) => {
    const { checked, mismatches } = verified[name]
    return [name, { checked, mismatches }] as const
  })
  const failed = sections.flatMap((name) =>
    Object.entries(verified[name].checks).flatMap(([check, outcome]) =>
      outcome.mismatches > 0 ? [[`${name}: ${check}`, outcome] as const] : [],
    ),
  )
  const { ok, checked, mismatches } = verified
  const bySection = Object.fromEntries(counted) as SoakReport['verify']['sections']
  return { ok, checked, mismatches, sections: bySection, failed: Object.fromEntries(failed) }
}
