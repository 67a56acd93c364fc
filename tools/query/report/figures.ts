// Tested in test/tools/query/report.test.ts.
import { type Session } from '../session'
import { type At } from '../at'
import { type Value } from '../answer'

/** A number of things with what they brought in. */
export interface Share {
  readonly name: string
  readonly revenueCents: number
  readonly orders?: number
  readonly quantity?: number
}

/** The largest of a list, and how many there are. */
export interface Top {
  readonly count: number
  readonly list: readonly Share[]
}

export interface Totals {
  readonly revenueCents: number
  readonly orders: number
  /** Rounded half away from zero; null without an order. */
  readonly averageOrderCents: number | null
  /** Pieces sold less pieces returned. */
  readonly quantity: number
  /** Known customers; null where the lake cannot tell. */
  readonly customers: number | null
  readonly customersAre: 'exact' | 'estimated' | 'unknown'
  readonly stores: number
}

export interface Returns {
  readonly quantity: number
  /** Exact from the daily batch; before it, what shows in minutes that returned more of a product than they sold. */
  readonly quantityIs: 'exact' | 'at least'
  readonly refundsCents: number
}

export interface Hour {
  /** Of the UTC day, 0 to 23. */
  readonly hour: number
  readonly revenueCents: number
  readonly orders: number
}

export interface Funnel {
  readonly sessions: number
  readonly views: number
  readonly addToCarts: number
  readonly checkouts: number
  /** Sales, once for each category in them. */
  readonly purchases: number
  /** Receipts of the channels web and app, returns too, each once. */
  readonly orders: number
}

export interface Payments {
  readonly succeeded: number
  readonly failed: number
  readonly succeededCents: number
  readonly failedCents: number
  readonly byMethod: readonly { readonly method: string; readonly payments: number; readonly failed: number }[]
  readonly failures: readonly { readonly reason: string; readonly payments: number; readonly amountCents: number }[]
}

export interface Quality {
  readonly received: number
  readonly valid: number
  readonly rejected: number
  readonly duplicates: number
  /** Duplicates that say something else than the event that counted. */
  readonly conflicting: number
  /** Sales that count and had come under another id. */
  readonly repeatedReceipts: number
  /** Percent of the received that are valid, two decimals; null when nothing came. */
  readonly qualityPct: number | null
  readonly rejections: readonly { readonly reason: string; readonly events: number }[]
  readonly late: number
  readonly lateSecondsMean: number | null
  readonly lateSecondsMax: number
}

export interface Stockouts {
  /** Alerts open when the day ended, or now when it has not. */
  readonly open: number
  readonly opened: number
  readonly resolved: number
  /** What was not sold for them that day, an estimate of the daily batch; null before it. */
  readonly lostRevenueCents: number | null
  /** Those whose product took most in the seven days to this one, first. */
  readonly foremost: readonly {
    readonly storeId: string
    readonly productId: string
    readonly openedAt: string
    readonly lastSaleAt: string
    readonly weekRevenueCents: number
    /** Pieces the shelf was last seen with that day; null without a count. */
    readonly onHand: number | null
  }[]
}

/** Everything about one UTC day. A part is null where the lake has no rows for it. */
export interface Figures {
  readonly date: string
  /** Sales are counted up to here, `2010-12-01 20:59:00+00`: the end of the newest window that has closed. */
  readonly countedUntil: string | null
  readonly totals: Totals
  readonly returns: Returns | null
  /** The same weekday a week before. */
  readonly before: (Totals & { readonly date: string }) | null
  readonly hours: readonly Hour[]
  readonly stores: Top
  readonly products: Top
  readonly categories: Top | null
  readonly regions: (Top & { readonly by: 'region' | 'city' | 'country' }) | null
  readonly channels: Top | null
  readonly funnel: Funnel | null
  readonly payments: Payments | null
  readonly quality: Quality | null
  readonly stockouts: Stockouts | null
}

type Row = Readonly<Record<string, Value>>

/** Asks the lake, as it was `at` a time. A table that is not there has no rows. */
export interface Asker {
  has(table: string, column?: string): Promise<boolean>
  rows(sql: string): Promise<readonly Row[]>
}

/** Opens an asker over a session. */
export function askerOf(session: Session, at: At | undefined): Asker {
  return {
    has: async (name, column) => {
      const table = await session.catalog.find(name)
      if (!table || column === undefined) return table !== undefined
      const { schema } = await session.catalog.snapshot(table, at)
      return schema.columns.some((each) => each.name === column)
    },
    rows: async (sql) => {
      const { columns, rows } = await session.ask(sql, { at })
      const found: Row[] = []
      for await (const row of rows) found.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
      return found
    },
  }
}
