// Tested in test/report/report.test.ts.
import { type Session } from '../warehouse/connection'
import { count, text } from './row'

/** By which money and which days the figures of a database are made. */
export interface Installation {
  /** ISO 4217. */
  readonly currency: string
  readonly minorDigits: number
  /** IANA. */
  readonly zone: string
  /** `HH:MM`. */
  readonly dayStart: string
}

/** What settings say of the same. */
export type Expected = Omit<Installation, 'minorDigits'>

/** The installation's row; what settings say stands in until somebody has written it. */
export async function readInstallation(session: Session, expected: Expected): Promise<Installation> {
  const [row] = await session.query(
    'SELECT currency, minor_digits() AS minor_digits, zone, day_start FROM (VALUES (1)) AS one LEFT JOIN installation ON true',
  )
  if (!row || row.currency === null) return { ...expected, minorDigits: count(row?.minor_digits) }
  return {
    currency: text(row.currency),
    minorDigits: count(row.minor_digits),
    zone: text(row.zone),
    dayStart: text(row.day_start),
  }
}

/** Throws, naming both, when settings speak of other days or other money than the figures are made by. */
export function checkInstallation(found: Installation, expected: Expected): void {
  if (found.currency !== expected.currency) {
    throw new Error(
      `report: figures are in ${found.currency}, the settings say ${expected.currency}; set SHOP_CURRENCY to ${found.currency}`,
    )
  }
  if (found.zone !== expected.zone || found.dayStart !== expected.dayStart) {
    throw new Error(
      `report: days are ${found.zone} from ${found.dayStart}, the settings say ${expected.zone} from ${expected.dayStart}; ` +
        'run `npm run batch`, or set BUSINESS_ZONE and BUSINESS_DAY_START to what the days are',
    )
  }
}
