// Tested in test/report/report.test.ts.

/** Something by name with what it brought in. Money of all figures is in minor units of the currency: cents, fils, yen. */
export interface Share {
  readonly name: string
  readonly revenueMinor: number
  /** Receipts that sell, of places and channels. */
  readonly orders?: number
  /** Pieces sold less pieces returned, of products and categories. */
  readonly quantity?: number
}

/** The largest of a list, how many there are, and what all of them brought in together. */
export interface Top {
  readonly count: number
  readonly revenueMinor: number
  readonly list: readonly Share[]
}

/** What all stores took; docs/metrics.md has each formula. */
export interface Totals {
  /** Net sales: gross sales less discounts less returns. */
  readonly netSalesMinor: number
  readonly grossSalesMinor: number
  readonly discountsMinor: number
  readonly returnsMinor: number
  /** Receipts that sell. */
  readonly orders: number
  /** Receipts that only take back. */
  readonly returnReceipts: number
  readonly receipts: number
  /** Net sales of the receipts that sell ÷ orders, half away from zero; null without an order. */
  readonly averageOrderMinor: number | null
  readonly unitsSold: number
  readonly unitsReturned: number
  /** Pieces sold ÷ orders, two decimals; null without an order. */
  readonly itemsPerBasket: number | null
  /** Pieces given at price 0. */
  readonly writeOffs: number
  readonly taxMinor: number
  /** The part of the tax that the prices contain. */
  readonly taxIncludedMinor: number
  readonly tipsMinor: number
  readonly shippingMinor: number
  readonly feesMinor: number
  /** Deferred: no sale until they are spent. */
  readonly giftCardsSoldMinor: number
  readonly giftCardsRedeemedMinor: number
  readonly adjustmentsMinor: number
  readonly adjustmentLines: number
  /** Different customers who are known. */
  readonly customers: number
  /** `estimated`: more than a sketch tells apart exactly. */
  readonly customersAre: 'exact' | 'estimated'
  /** Stores with a receipt. */
  readonly stores: number
}

/** The same weekday a week before. */
export interface Before {
  readonly date: string
  /** Time of the local clock up to which both days are counted, `14:03`; null where both are whole days. */
  readonly untilTime: string | null
  /** Null where nothing was sold. */
  readonly totals: Totals | null
}

/** An hour of the business day. */
export interface Hour {
  /** Its first minute on the shop's clock, `09:00`. */
  readonly time: string
  /** The second pass of an hour that comes twice because clocks go back. */
  readonly isAgain: boolean
  readonly revenueMinor: number
  readonly orders: number
}

export interface Funnel {
  /** Different visits; null where the minutes of the day are no longer kept. */
  readonly sessions: number | null
  readonly views: number
  readonly addToCarts: number
  readonly checkouts: number
  /** Sales, once for each category in them. */
  readonly purchases: number
  /** Receipts that sell, of the channels web and app. */
  readonly orders: number
}

export interface Payments {
  readonly succeeded: number
  readonly failed: number
  readonly succeededMinor: number
  readonly failedMinor: number
  readonly byMethod: readonly { readonly method: string; readonly payments: number; readonly failed: number }[]
  readonly failures: readonly { readonly reason: string; readonly payments: number; readonly amountMinor: number }[]
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

/** What shelves did not sell for being empty, an estimate of the daily batch where it can be defended. */
export interface LostSales {
  /** Shelves of a store and product whose silence is hardly chance: see `defensible`. */
  readonly shelves: number
  /** All shelves that had an alert that day. */
  readonly ofShelves: number
  readonly revenueMinor: number
}

export interface Stockouts {
  /** Alerts open when the day ended, or now when it has not. */
  readonly open: number
  readonly opened: number
  readonly resolved: number
  /** Null until the daily batch has made the day. */
  readonly lost: LostSales | null
  /** Those whose product took most in the last seven days, first. */
  readonly foremost: readonly {
    readonly storeId: string
    readonly productId: string
    /** The shop's clock: `2026-03-02 14:05`. */
    readonly openedAt: string
    /** Of the day itself and the days before it that the daily batch has made. */
    readonly weekRevenueMinor: number
    /** Pieces the shelf was last seen with that day; null without a count. */
    readonly onHand: number | null
  }[]
}

/** How far a partition of the hub has come in PostgreSQL. */
export interface Position {
  readonly stream: string
  readonly partition: number
  readonly sequence: number
}

/** The one instant all figures of a page are of. */
export interface AsOf {
  /** ISO 8601: by then every partition had delivered up to its position; null before any has. */
  readonly at: string | null
  /** The same on the clock of the installation: `2026-11-29 14:03:07`. */
  readonly local: string | null
  /** The least of all partitions named above. */
  readonly positions: readonly Position[]
}

/** Everything about one business day. A part is null where there is nothing of it that day. */
export interface Figures {
  readonly date: string
  readonly currency: string
  readonly minorDigits: number
  /** Of the installation: stores may go by calendars of their own. */
  readonly calendar: string
  readonly zone: string
  readonly asOf: AsOf
  /** `live`: summed over the minutes of the stream. `batch`: computed from every event by the daily batch. */
  readonly source: 'live' | 'batch'
  /** When the batch that made the day began, on the clock of the installation; null when live. */
  readonly batchedAt: string | null
  /** Whether the day goes on at some store. */
  readonly isRunning: boolean
  readonly totals: Totals
  readonly before: Before
  readonly hours: readonly Hour[]
  readonly stores: Top
  readonly products: Top
  readonly categories: Top | null
  readonly regions: (Top & { readonly by: 'region' | 'city' | 'country' }) | null
  readonly channels: Top | null
  readonly funnel: Funnel | null
  readonly payments: Payments | null
  readonly quality: Quality | null
  readonly stockouts: Stockouts
}
