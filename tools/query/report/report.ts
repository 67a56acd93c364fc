// Tested in test/tools/query/report.test.ts.
import { decimalText } from '../../../src/lake/schema'
import { type At } from '../at'
import { type Session } from '../session'
import { collect } from './collect'
import { type PageOptions } from './layout'
import { pageOf } from './page'

/** The figures of a day as JSON: every money exact, as decimal text without `Cents` in its name. */
export async function reportJson(
  session: Session,
  {
    currency,
    ...wanted
  }: { readonly currency: string; readonly date?: string | undefined; readonly at?: At | undefined },
): Promise<{ readonly ok: true } & Readonly<Record<string, unknown>>> {
  const figures = await collect(session, wanted)
  return { ok: true, currency, ...(withDecimals(figures) as object) }
}

/** The figures of a day on one page. */
export async function reportPage(
  session: Session,
  { date, at, ...page }: PageOptions & { readonly date?: string | undefined; readonly at?: At | undefined },
): Promise<string> {
  return pageOf(await collect(session, { date, at }), page)
}

function withDecimals(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDecimals)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]: [string, unknown]) =>
    name.endsWith('Cents')
      ? [name.slice(0, -'Cents'.length), field === null ? null : decimalText(Number(field), 2)]
      : [name, withDecimals(field)],
  )
  return Object.fromEntries(fields)
}
