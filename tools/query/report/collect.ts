// Tested in test/tools/query/report.test.ts.
import { dateOf, dayMs, startOf } from '../../../src/day'
import { fileView, selectFiles } from '../../../src/lake/scan'
import { type Snapshot } from '../../../src/lake/log/snapshot'
import { type At } from '../at'
import { type Session } from '../session'
import { askerOf, type Asker, type Figures } from './figures'
import { funnelOf, paymentsOf, qualityOf, stockoutsOf } from './operations'
import { hoursOf, mixOf, productsOf, regionsOf, returnsOf, storesOf, totalsOf } from './sales'
import { text } from './row'

const weekMs = 7 * dayMs

/**
 * The figures of a UTC day, of the newest with sales when none is named. Sums over silver, closed windows and corrections
 * alike, so that a day that is still running is right as far as it has come. Throws when nothing was sold that day, with
 * the days on which something was.
 */
export async function collect(
  session: Session,
  { date: wanted, at }: { readonly date?: string | undefined; readonly at?: At | undefined } = {},
): Promise<Figures> {
  const days = await daysWithSales(session, at)
  const [first, newest] = [days[0], days.at(-1)]
  if (first === undefined || newest === undefined) {
    throw new Error('report: no window of sales has closed yet; run `npm start` or `npm run replay` first')
  }
  const date = wanted ?? newest
  const ask = askerOf(session, at)
  const totals = await totalsOf(ask, date)
  if (!totals) throw new Error(`report: no sales on ${date}; there are some from ${first} to ${newest}`)
  const weekBefore = dateOf(startOf(date) - weekMs)
  const before = days.includes(weekBefore) ? await totalsOf(ask, weekBefore) : null
  return {
    date,
    countedUntil: await countedUntil(ask, date),
    totals,
    returns: await returnsOf(ask, date, totals),
    before: before && { date: weekBefore, ...before },
    hours: await hoursOf(ask, date),
    stores: await storesOf(ask, date),
    products: await productsOf(ask, date),
    categories: await mixOf(ask, { date, by: 'category' }),
    regions: await regionsOf(ask, date),
    channels: await mixOf(ask, { date, by: 'channel' }),
    funnel: await funnelOf(ask, date),
    payments: await paymentsOf(ask, date),
    quality: await qualityOf(ask, date),
    stockouts: await stockoutsOf(ask, date),
  }
}

/** The days of which `sales_1m` has rows, by its log alone. */
async function daysWithSales(session: Session, at: At | undefined): Promise<readonly string[]> {
  const table = await session.catalog.find('sales_1m')
  const days = table ? daysOf(await session.catalog.snapshot(table, at)) : []
  return [...new Set(days)].sort()
}

function daysOf(snapshot: Snapshot): readonly string[] {
  const files = selectFiles(snapshot)
  const filled = files.filter((file) => fileView(snapshot.schema, file).numRecords !== 0)
  return filled.flatMap(({ partitionValues }) => partitionValues.date ?? [])
}

async function countedUntil(ask: Asker, date: string): Promise<string | null> {
  const [row] = await ask.rows(`SELECT max(window_end) AS until FROM store_1m WHERE date = DATE '${date}'`)
  return row?.until === null || row === undefined ? null : text(row.until)
}
