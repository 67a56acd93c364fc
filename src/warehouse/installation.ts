import { type FiscalCalendar } from '../business/fiscal'
import { type Session } from './connection'
import { fillCalendars, markStale } from './business-days'

/** By which currency and which days the figures of a database are made. */
export interface Installation {
  /** ISO 4217. */
  readonly currency: string
  /** Decimals of the currency. */
  readonly minorDigits: number
  /** IANA name of the zone of stores that have none of their own. */
  readonly zone: string
  /** When the business day begins, `HH:MM`. */
  readonly dayStart: string
  readonly fiscalCalendar: FiscalCalendar
}

/** Where settings and database do not agree. */
export interface Difference {
  readonly what: 'currency' | 'days' | 'fiscal calendar'
  /** As the database has it: `UTC from 00:00`. */
  readonly is: string
  /** As the settings say. */
  readonly wanted: string
}

/** What the database was made by; undefined while nobody has said. */
export async function readInstallation(session: Session): Promise<Installation | undefined> {
  const [row] = await session.query(
    'SELECT currency, minor_digits, zone, day_start, fiscal_calendar FROM installation WHERE id = 1',
  )
  return (
    row && {
      currency: row.currency ?? '',
      minorDigits: Number(row.minor_digits),
      zone: row.zone ?? '',
      dayStart: row.day_start ?? '',
      fiscalCalendar: row.fiscal_calendar as FiscalCalendar,
    }
  )
}

/**
 * Puts in what the settings say where nobody has said anything, the days with it, and returns where they differ from what
 * is there: none for the first writer. A difference is for the caller to refuse, by `differenceText`. In a transaction of
 * the caller's.
 */
export async function takeInstallation(session: Session, wanted: Installation): Promise<readonly Difference[]> {
  const there = await readInstallation(session)
  if (there) return differences(there, wanted)
  const rows = await session.query(
    `INSERT INTO installation (currency, minor_digits, zone, day_start, fiscal_calendar) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING id`,
    valuesOf(wanted),
  )
  // Another was first, between the two statements.
  if (rows.length === 0) return takeInstallation(session, wanted)
  // What was made before anybody said was made by UTC days.
  if (daysText(wanted) !== defaultDays) await markStale(session, 'all')
  await fillCalendars(session, wanted.fiscalCalendar === 'iso' ? 'missing' : 'all')
  return []
}

/**
 * Changes the days to those of the settings, and marks every day stale that was made by others; an operator's decision.
 * Returns what was changed. Throws, having changed nothing, where the currency differs: that takes a rebuild into an empty
 * database. In a transaction of the caller's.
 */
export async function changeInstallation(session: Session, wanted: Installation): Promise<readonly Difference[]> {
  const found = await takeInstallation(session, wanted)
  const currency = found.find(({ what }) => what === 'currency')
  if (currency) throw new Error(`warehouse: ${differenceText(currency)}`)
  if (found.length === 0) return found
  await session.query(
    `UPDATE installation SET currency = $1, minor_digits = $2, zone = $3, day_start = $4, fiscal_calendar = $5, said_at = now()`,
    valuesOf(wanted),
  )
  if (found.some(({ what }) => what === 'days')) await markStale(session, 'all')
  const weeksDiffer = found.some(({ what }) => what === 'fiscal calendar')
  await fillCalendars(session, weeksDiffer ? 'all' : 'missing')
  return found
}

/** A difference as a sentence that says what to do. */
export function differenceText({ what, is, wanted }: Difference): string {
  const verb = what === 'days' ? 'are' : 'is'
  const cure = what === 'currency' ? 'give each currency a lake and a database of its own' : 'run npm run batch'
  return `${what} ${verb} ${is}, the settings say ${wanted}; ${cure}`
}

const valuesOf = ({ currency, minorDigits, zone, dayStart, fiscalCalendar }: Installation) => [
  currency,
  minorDigits,
  zone,
  dayStart,
  fiscalCalendar,
]

const daysText = ({ zone, dayStart }: Installation) => `${zone} from ${dayStart}`
const currencyText = ({ currency, minorDigits }: Installation) => `${currency} of ${minorDigits} decimals`
const defaultDays = 'UTC from 00:00'

/** Where the settings say otherwise than the database. */
export function differences(is: Installation, wanted: Installation): readonly Difference[] {
  const all: readonly Difference[] = [
    { what: 'currency', is: currencyText(is), wanted: currencyText(wanted) },
    { what: 'days', is: daysText(is), wanted: daysText(wanted) },
    { what: 'fiscal calendar', is: is.fiscalCalendar, wanted: wanted.fiscalCalendar },
  ]
  return all.filter((one) => one.is !== one.wanted)
}
