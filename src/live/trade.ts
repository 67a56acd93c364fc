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

const minuteMs = 60_000

interface Week {
  readonly weekBefore: WeekBefore | null
  /** Of the whole day, where it sold anything. */
  readonly whole: Totals | null
}

/** What one reading leaves to the next. */
export interface TradeMemory {
  week?: Week & { readonly key: string }
}

/**
 * What a shop looks at: the business day the time has come to, beside the same weekday a week before, and the last 60
 * minutes. What a week ago brought is read once a minute. In a transaction of the caller's, which sees one state of the database. Throws when the settings are of other
 * days or money than the figures.
 */
export async function readTrade(session: Session, settings: Installation, memory: TradeMemory = {}): Promise<Trade> {
  const { standing, answer, nowMs } = await openAnswer(session, settings)
  const { date, zone } = answer.business
  const { minorDigits } = answer
  const day = date === null ? null : await readDay(session, standing, { date, memory })
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

async function readDay(session: Session, standing: Standing, { date, memory }: Reading): Promise<Day> {
  const day = await dayStandingOf(session, standing, date)
  const before = await scopeBefore(session, standing, day)
  const { weekBefore, whole } = await rememberedWeek(session, { day, before, memory })
  const figures = await figuresOf(session, standing, {
    day,
    before: { date: before.scope.date, untilTime: before.untilTime, totals: weekBefore?.totals ?? null },
  })
  return { figures, weekBefore, projected: figures?.isRunning === true ? projectedDay(figures, whole, day) : null }
}

interface Reading {
  readonly date: string
  readonly memory: TradeMemory
}

interface Comparing {
  readonly day: DayStanding
  readonly before: ScopeBefore
}

/** The week before, which is over: read anew once the time has come to another minute, or the batch has made a day. */
async function rememberedWeek(
  session: Session,
  { day, before, memory }: Comparing & Pick<Reading, 'memory'>,
): Promise<Week> {
  const ends = before.scope.days.map(({ endMs }) => Math.ceil(endMs / minuteMs))
  const { date, source, own } = before.scope
  const key = JSON.stringify([date, source, own, before.days, ends, before.untilTime])
  if (memory.week?.key !== key) memory.week = { key, ...(await readWeek(session, { day, before })) }
  return memory.week
}

async function readWeek(session: Session, { day, before }: Comparing): Promise<Week> {
  const { scope, untilTime } = before
  const whole = await totalsOf(session, { ...scope, days: before.days })
  const totals = untilTime === null ? whole : await totalsOf(session, scope)
  if (totals === null) return { weekBefore: null, whole }
  const mix = await mixOf(session, scope)
  const weekBefore = {
    date: scope.date,
    untilTime,
    totals,
    channels: mix.top('channel'),
    funnel: await funnelOf(session, scope, mix.onlineOrders),
    payments: await paymentsOf(session, scope),
    quality: await qualityOf(session, scope),
    hours: await hoursOf(session, { ...scope, days: before.days }, day.offsets),
  }
  return { weekBefore, whole }
}

/** What the day has, times what the same weekday took in all over what it had taken by the same minute. */
function projectedDay({ totals, before }: Figures, whole: Totals | null, { scope }: DayStanding): Projection | null {
  const soFar = before.totals
  if (!whole || !soFar || soFar.netSalesMinor <= 0 || soFar.orders <= 0) return null
  const own = scope.days.find(({ calendar }) => calendar === scope.own)
  return {
    until: instant(own?.endMs ?? Math.max(...scope.days.map(({ endMs }) => endMs))),
    netSalesMinor: Math.round((totals.netSalesMinor * whole.netSalesMinor) / soFar.netSalesMinor),
    orders: Math.round((totals.orders * whole.orders) / soFar.orders),
  }
}
