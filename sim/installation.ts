// Tested in test/sim/fuzz/decode.test.ts.
import { type DecodeRules } from '../src/event/decode'
import { rollups } from '../src/fold/rollups'
import { type Rules } from '../src/fold/rules'
import { type Installation } from '../src/warehouse/installation'

/* What simulations and benchmarks run under: the defaults of the settings, with no bound to the age of events. */

export const installation: Installation = {
  currency: 'GBP',
  minorDigits: 2,
  zone: 'UTC',
  dayStart: '00:00',
  fiscalCalendar: 'iso',
}

export const rules: Rules = {
  latenessMs: 600_000,
  idleAfterMs: 60_000,
  stockoutAfterMs: 3_600_000,
  minorDigits: installation.minorDigits,
  productKinds: '',
  rollups,
}

export const decodeRules: DecodeRules = {
  currency: installation.currency,
  maxAheadMs: 300_000,
  maxBehindMs: Infinity,
  maxEventBytes: 262_144,
}

export const thresholds = { topProducts: 100, loyalPurchases: 2, premiumSpendCents: 50_000, standardSpendCents: 10_000 }
