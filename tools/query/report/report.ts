// Tested in test/tools/query/report.test.ts.
import { readReport, type Wanted } from '../../../src/report/report'
import { type Warehouse } from '../../../src/warehouse/connection'
import { decimalOf } from './format'
import { type PageOptions } from './layout'
import { pageOf } from './page'

/** The figures of a day as JSON: every money exact, as decimal text without `Minor` in its name. */
export async function reportJson(
  warehouse: Warehouse,
  wanted: Wanted,
): Promise<{ readonly ok: true } & Readonly<Record<string, unknown>>> {
  const figures = await readReport(warehouse, wanted)
  return { ok: true, ...(withDecimals(figures, figures.minorDigits) as object) }
}

/** The figures of a day on one page. */
export async function reportPage(warehouse: Warehouse, wanted: Wanted, options: PageOptions): Promise<string> {
  return pageOf(await readReport(warehouse, wanted), options)
}

const suffix = 'Minor'

function withDecimals(value: unknown, digits: number): unknown {
  if (Array.isArray(value)) return value.map((each) => withDecimals(each, digits))
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]: [string, unknown]) =>
    name.endsWith(suffix)
      ? [name.slice(0, -suffix.length), typeof field === 'number' ? decimalOf(field, digits) : null]
      : [name, withDecimals(field, digits)],
  )
  return Object.fromEntries(fields)
}
