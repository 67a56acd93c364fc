// Tested in test/live/trade.test.ts.
import {
  type Figures,
  type Funnel,
  type Hour,
  type Payments,
  type Quality,
  type Top,
  type Totals,
} from '../report/figures'

/**
 * What every answer of GET /api/live/{view} says of itself. Money is in minor units of `currency` (cents, fils, yen);
 * instants are ISO 8601 in UTC. An answer depends on what is in PostgreSQL alone, and not on when it is asked for.
 */
export interface Answer {
  /** By then every partition had delivered up to its position; null before any has. */
  readonly asOf: string | null
  /** When any partition delivered last. Pulses make it move once a minute where nobody sells; null before the first. */
  readonly pulseAt: string | null
  /** How far PostgreSQL is: `retail-events/0 1024 · retail-events/1 998`, of at most 32 partitions. */
  readonly position: string
  readonly currency: string
  readonly minorDigits: number
  readonly business: {
    /** Of the installation, IANA: stores may go by zones of their own. */
    readonly zone: string
    /** The business date the time has come to; null before the first delivery. */
    readonly date: string | null
    /** What the clocks of the zone show at the time the figures have come to: `2026-11-29 14:03:07`. */
    readonly local: string | null
  }
}

/** What a shop looks at: GET /api/live/trade. */
export interface Trade extends Answer {
  readonly view: 'trade'
  /** Of the business date; null where nothing was sold yet that day. Lists hold at most 8 entries, hours at most 25. */
  readonly today: Figures | null
  /** The same weekday a week before; null where nothing was sold by then. */
  readonly weekBefore: WeekBefore | null
  /** The last 60 minutes; null before the first delivery. */
  readonly minutes: Minutes | null
  /** Known customers with a receipt in these 60 minutes. */
  readonly activeCustomers: { readonly customers: number; readonly customersAre: 'exact' | 'estimated' }
  readonly projected: {
    /** The hour of the zone's clock: what it has, and the pace of the last 60 minutes for what is left of it. */
    readonly hour: Projection | null
    /** The day: what it has, times what the same weekday took in all over what it had taken by the same minute. */
    readonly day: Projection | null
  }
}

/** Up to the same minute of each shop's clock, except `hours`. */
export interface WeekBefore {
  readonly date: string
  /** Time of the local clock, `14:03`; null where both days are over, and whole days are compared. */
  readonly untilTime: string | null
  readonly totals: Totals
  readonly channels: Top | null
  readonly funnel: Funnel | null
  readonly payments: Payments | null
  readonly quality: Quality | null
  /** Of the whole day. */
  readonly hours: readonly Hour[]
}

/** 60 minutes of event time, oldest first; each list has one number a minute, and the last is of a minute under way. */
export interface Minutes {
  /** The first instant of the first. */
  readonly from: string
  /** First instant after the last. */
  readonly until: string
  readonly orders: readonly number[]
  readonly netSalesMinor: readonly number[]
  /** The channels of these minutes that took most, at most 6. */
  readonly channels: readonly {
    readonly name: string
    readonly orders: readonly number[]
    readonly netSalesMinor: readonly number[]
  }[]
  /** The same minutes of the zone's clock a week before; null where nothing was sold in them. */
  readonly weekBefore: { readonly orders: readonly number[]; readonly netSalesMinor: readonly number[] } | null
}

/** What a stretch of time is going to come to. */
export interface Projection {
  /** First instant after it. */
  readonly until: string
  readonly netSalesMinor: number
  readonly orders: number
}

/** What those who run it look at: GET /api/live/ops. */
export interface Ops extends Answer {
  readonly view: 'ops'
  /** By stream and number, at most 100. */
  readonly partitions: readonly PartitionState[]
  readonly days: {
    /** Made by the daily batch, and what they were made of still stands. */
    readonly batched: number
    /** Never made, or with events that came after they were: the next batch makes them, once they are over. */
    readonly due: number
    /** Made by days or rules that are no longer those in force. */
    readonly stale: number
    /** When the batch last looked through bronze for days that are due; null when it never has. */
    readonly lookedAt: string | null
    /** The newest 31. */
    readonly newest: readonly BatchedDay[]
  }
  /** Of the last 24 hours of event time; null where nothing came in them. */
  readonly quality: RecentQuality | null
  readonly scattered: {
    /** Stores whose events of the last day came from several partitions. */
    readonly count: number
    /** Those with most events, at most 20. */
    readonly stores: readonly { readonly storeId: string; readonly partitions: number; readonly received: number }[]
  }
}

/** A partition of the hub, as far as PostgreSQL has it. */
export interface PartitionState {
  readonly stream: string
  readonly partition: number
  /** Sequence number up to which everything is in; -1 before the first. */
  readonly sequence: number
  readonly deliveredAt: string
  /** End of its newest minute that has events, of the last 24 hours of event time; null where there is none. */
  readonly reachedAt: string | null
  /** End of its newest minute that is closed, of the same hours: its watermark is that or later; null where there is none. */
  readonly closedUntil: string | null
}

export interface BatchedDay {
  /** Business date. */
  readonly date: string
  readonly state: 'batched' | 'due' | 'stale'
  /** When the run that made it last began; null when none has. */
  readonly batchedAt: string | null
  /** Events it was made of, duplicates left out; null when it never was. */
  readonly events: number | null
  readonly duplicates: number | null
}

export interface RecentQuality {
  readonly from: string
  readonly until: string
  readonly received: number
  readonly valid: number
  readonly rejected: number
  readonly duplicates: number
  readonly conflicting: number
  readonly repeatedReceipts: number
  readonly late: number
  /** Percent of the received that are valid, two decimals; null when nothing came. */
  readonly qualityPct: number | null
  readonly lateSecondsMean: number | null
  readonly lateSecondsMax: number
  /** Why events were rejected, most first, at most 12. */
  readonly rejections: readonly { readonly reason: string; readonly events: number }[]
  /** 24 hours, oldest first; each list has one number an hour. */
  readonly hours: {
    readonly received: readonly number[]
    readonly rejected: readonly number[]
    readonly duplicates: readonly number[]
    readonly late: readonly number[]
  }
}

/** What is answered in place of figures, with a status of 400 or above. */
export interface Refusal {
  readonly error: string
}
