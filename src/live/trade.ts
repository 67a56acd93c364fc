import { type Figures, type Totals } from '../report/figures'
import { funnelOf, paymentsOf, qualityOf } from '../report/operations'
import { instant } from '../report/calendars'
import { figuresOf } from '../report/report'
import { hoursOf, mixOf, totalsOf } from '../report/sales'
import { type DayStanding, dayStandingOf, type ScopeBefore, scopeBefore, type Standing } from '../report/standing'
import { type Session } from '../warehouse/connection'
import { type Installation } from '../warehouse/installation'
import { activeCustomersOf, minutesOf, projectedHour } from './minutes'
import { type Projection, type Trade, type WeekBefore } from './schema'
import { openAnswer } from './standing'

/**
 * What a shop looks at: the business day the time has come to, beside the same weekday a week before, and the last 60
 * minutes. In a transaction of the caller's, which sees one state of the database. Throws when the settings are of other
 * days or money than the figures.
 */
export async function readTrade(session: Session, settings: Installation): Promise<Trade> {
  const { standing, answer, nowMs } = await openAnswer(session, settings)
  const { date, zone } = answer.business
  const { minorDigits } = answer
  const day = date === null ? null : await readDay(session, standing, date)
  const minutes = nowMs === undefined ? null : await minutesOf(session, nowMs, { zone, minorDigits })
  return {
    view: 'trade',
    ...answer,
    today: day?.figures ?? null,
    weekBefore: day?.weekBefore ?? null,
    minutes,
    activeCustomers:
      nowMs === undefined ? { customers: 0, customersAre: 'exact' } : await activeCustomersOf(session, nowMs),
    projected: {
      hour: nowMs === undefined || minutes === null ? null : await projectedHour(session, { zone, nowMs, minutes }),
      day: day?.projected ?? null,
    },
  }
}

interface Day {
  readonly figures: Figures | null
  readonly weekBefore: WeekBefore | null
  readonly projected: Projection | null
}

async function readDay(session: Session, standing: Standing, date: string): Promise<Day> {
  const day = await dayStandingOf(session, standing, date)
  const before = await scopeBefore(session, standing, day)
  const figures = await figuresOf(session, standing, { day, before })
  return {
    figures,
    weekBefore: await readWeekBefore(session, { day, before, totals: figures?.before.totals }),
    projected: figures?.isRunning === true ? await projectedDay(session, figures, { day, before }) : null,
  }
}

interface Comparing {
  readonly day: DayStanding
  readonly before: ScopeBefore
  /** Of `before`, where they have been read. */
  readonly totals?: Totals | null | undefined
}

async function readWeekBefore(session: Session, { day, before, totals }: Comparing): Promise<WeekBefore | null> {
  const { scope } = before
  const sold = totals === undefined ? await totalsOf(session, scope) : totals
  if (sold === null) return null
  const mix = await mixOf(session, scope)
  return {
    date: scope.date,
    untilTime: before.untilTime,
    totals: sold,
    channels: mix.top('channel'),
    funnel: await funnelOf(session, scope, mix.onlineOrders),
    payments: await paymentsOf(session, scope),
    quality: await qualityOf(session, scope),
    hours: await hoursOf(session, { ...scope, days: before.days }, day.offsets),
  }
}

/** What the day has, times what the same weekday took in all over what it had taken by the same minute. */
async function projectedDay(
  session: Session,
  { totals, before: { totals: soFar } }: Figures,
  { day, before }: Comparing,
): Promise<Projection | null> {
  if (!soFar || soFar.netSalesMinor <= 0 || soFar.orders <= 0) return null
  const whole = await totalsOf(session, { ...before.scope, days: before.days })
  if (!whole) return null
  const own = day.scope.days.find(({ calendar }) => calendar === day.scope.own)
  return {
    until: instant(own?.endMs ?? Math.max(...day.scope.days.map(({ endMs }) => endMs))),
    netSalesMinor: Math.round((totals.netSalesMinor * whole.netSalesMinor) / soFar.netSalesMinor),
    orders: Math.round((totals.orders * whole.orders) / soFar.orders),
  }
}
