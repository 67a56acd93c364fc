import { type Ops, type Trade } from '../../src/live/schema'

type Today = NonNullable<Trade['today']>

const totals: Today['totals'] = {
  netSalesMinor: 1_234_550,
  grossSalesMinor: 1_300_000,
  discountsMinor: 45_450,
  returnsMinor: 20_000,
  orders: 431,
  returnReceipts: 4,
  receipts: 435,
  averageOrderMinor: 2_864,
  unitsSold: 1_302,
  unitsReturned: 9,
  itemsPerBasket: 3.02,
  writeOffs: 0,
  taxMinor: 0,
  taxIncludedMinor: 0,
  tipsMinor: 0,
  shippingMinor: 0,
  feesMinor: 0,
  giftCardsSoldMinor: 0,
  giftCardsRedeemedMinor: 0,
  adjustmentsMinor: 0,
  adjustmentLines: 0,
  customers: 212,
  customersAre: 'exact',
  stores: 3,
}

const totalsBefore = { ...totals, netSalesMinor: 1_000_000, orders: 431, averageOrderMinor: 2_320, itemsPerBasket: 3.5 }

const hour = (time: string, revenueMinor: number, isAgain = false) => ({ time, revenueMinor, isAgain, orders: 10 })

const hoursBefore = ['08', '09', '10', '11', '12', '13', '14', '15', '16', '17', '18', '19'].map((clock, at) =>
  hour(`${clock}:00`, 120_000 + 40_000 * Math.round(3 * Math.sin(at / 2))),
)

const funnel = { sessions: 900, views: 2_000, addToCarts: 600, checkouts: 300, purchases: 210, orders: 200 }

const payments: NonNullable<Today['payments']> = {
  succeeded: 400,
  failed: 31,
  succeededMinor: 1_200_000,
  failedMinor: 90_000,
  byMethod: [
    { method: 'card', payments: 300, failed: 30 },
    { method: 'cash', payments: 131, failed: 1 },
  ],
  failures: [{ reason: 'insufficient_funds', payments: 31, amountMinor: 90_000 }],
}

const quality: NonNullable<Today['quality']> = {
  received: 5_000,
  valid: 4_975,
  rejected: 25,
  duplicates: 40,
  conflicting: 2,
  repeatedReceipts: 0,
  qualityPct: 99.5,
  rejections: [{ reason: 'schema', events: 25 }],
  late: 12,
  lateSecondsMean: 30,
  lateSecondsMax: 95,
}

const top = (names: readonly string[], count = names.length, extra: object = { orders: 100 }): Today['stores'] => ({
  count,
  revenueMinor: 1_234_550,
  list: names.map((name, at) => ({ name, revenueMinor: Math.round(600_000 / (at + 1)), ...extra })),
})

const business = { zone: 'America/New_York', date: '2026-11-29', local: '2026-11-29 14:03:07' }

const answer = {
  asOf: '2026-11-29T19:03:07.000Z',
  pulseAt: '2026-11-29T19:03:07.000Z',
  position: 'retail-events 0:1024 · retail-events 1:998',
  currency: 'EUR',
  minorDigits: 2,
  business,
}

/** Orders of 60 minutes, the last of which is under way. */
const perMinute = Array.from({ length: 60 }, (_, at) => (at === 59 ? 2 : 6 + ((at * 7) % 5)))

/** A trade answer of a shop whose first store has a hostile name. */
export const trade: Trade = {
  ...answer,
  view: 'trade',
  today: {
    date: '2026-11-29',
    currency: 'EUR',
    minorDigits: 2,
    calendar: 'America/New_York 00:00',
    zone: 'America/New_York',
    asOf: { at: answer.asOf, local: business.local, positions: [] },
    source: 'live',
    batchedAt: null,
    isRunning: true,
    totals,
    before: { date: '2026-11-22', untilTime: '14:03', totals: totalsBefore },
    hours: ['09', '10', '11', '12', '13', '14'].map((clock, at) =>
      hour(`${clock}:00`, at === 5 ? 9_000 : 180_000 + at * 20_000),
    ),
    stores: top(['<img src=x onerror=document.title="broken">', '=1+1', 'store-3'], 12),
    products: top(
      [
        'Oat milk 1 l',
        'Sourdough bread of the longest name that a shelf label ever had to hold',
        'Bananas',
        'Coffee beans 1 kg',
      ],
      80,
      {
        quantity: 50,
      },
    ),
    categories: top(['Groceries', 'Bakery', 'Produce'], 3, { quantity: 50 }),
    regions: { ...top(['North', 'South', '']), by: 'region' },
    channels: top(['pos', 'web', 'app']),
    funnel,
    payments,
    quality,
    stockouts: {
      open: 2,
      opened: 3,
      resolved: 1,
      lost: null,
      foremost: [
        { storeId: 'store-3', productId: 'p-1', openedAt: '2026-11-29 13:05', weekRevenueMinor: 88_000, onHand: 0 },
      ],
    },
  },
  weekBefore: {
    date: '2026-11-22',
    untilTime: '14:03',
    totals: totalsBefore,
    channels: top(['pos', 'web']),
    funnel,
    payments,
    quality: { ...quality, qualityPct: 99.2, late: 0 },
    hours: hoursBefore,
  },
  minutes: {
    from: '2026-11-29T18:04:00.000Z',
    until: '2026-11-29T19:04:00.000Z',
    orders: perMinute,
    netSalesMinor: perMinute.map((orders) => orders * 2_864),
    channels: [
      { name: 'pos', orders: perMinute, netSalesMinor: perMinute.map((orders) => orders * 2_864) },
      { name: '@web', orders: perMinute.map(() => 0), netSalesMinor: perMinute.map(() => 0) },
    ],
    weekBefore: {
      orders: perMinute.map((orders) => orders - 1),
      netSalesMinor: perMinute.map((orders) => orders * 2_000),
    },
  },
  activeCustomers: { customers: 57, customersAre: 'exact' },
  projected: {
    hour: { until: '2026-11-29T20:00:00.000Z', netSalesMinor: 1_010_000, orders: 350 },
    day: { until: '2026-11-30T05:00:00.000Z', netSalesMinor: 2_400_000, orders: 840 },
  },
}

/** The same before anything was sold. */
export const tradeOfNothing: Trade = {
  ...trade,
  today: null,
  weekBefore: null,
  minutes: null,
  activeCustomers: { customers: 0, customersAre: 'exact' },
  projected: { hour: null, day: null },
}

const hourly = Array.from({ length: 24 }, (_, at) => 100 + at * 10)

/** An ops answer of two partitions. */
export const ops: Ops = {
  ...answer,
  view: 'ops',
  partitions: [0, 1].map((partition) => ({
    stream: 'retail-events',
    partition,
    sequence: 1024 - 26 * partition,
    deliveredAt: partition === 0 ? answer.asOf : '2026-11-29T19:02:07.000Z',
    reachedAt: '2026-11-29T19:03:00.000Z',
    closedUntil: '2026-11-29T19:01:00.000Z',
  })),
  days: {
    batched: 1,
    due: 1,
    stale: 0,
    lookedAt: '2026-11-29T05:20:00.000Z',
    newest: [
      { date: '2026-11-29', state: 'due', batchedAt: null, events: null, duplicates: null },
      { date: '2026-11-28', state: 'batched', batchedAt: '2026-11-29T05:20:00.000Z', events: 120_000, duplicates: 81 },
    ],
  },
  quality: {
    from: '2026-11-28T20:00:00.000Z',
    until: '2026-11-29T20:00:00.000Z',
    received: 5_160,
    valid: 5_135,
    rejected: 25,
    duplicates: 40,
    conflicting: 2,
    repeatedReceipts: 0,
    late: 12,
    qualityPct: 99.52,
    lateSecondsMean: 30,
    lateSecondsMax: 95,
    rejections: [
      { reason: 'schema', events: 20 },
      { reason: 'json', events: 5 },
    ],
    hours: {
      received: hourly,
      rejected: hourly.map((_, at) => at % 2),
      duplicates: hourly.map(() => 1),
      late: hourly.map(() => 0),
    },
  },
  scattered: { count: 0, stores: [] },
}
