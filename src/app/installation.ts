// Tested in test/warehouse/installation.test.ts.
import { type Settings } from '../config/settings'
import { clockTime } from '../business/calendar'
import { minorDigits } from '../event/currency'
import { type Installation } from '../warehouse/installation'

/** What the settings say about the currency and the days of the figures. */
export function installationOf({ currency, business }: Pick<Settings, 'currency' | 'business'>): Installation {
  return {
    currency,
    minorDigits: minorDigits(currency),
    zone: business.calendar.zone,
    dayStart: clockTime(business.calendar.startMinutes),
    fiscalCalendar: business.fiscal,
  }
}
