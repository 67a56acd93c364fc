// Tested in test/tools/query/session.test.ts.
import { readVersions, type Version } from '../../src/lake/log/versions'
import { type Store } from '../../src/lake/store'
import { type LakeTable } from './catalog'

/** Which past of a table is asked for. */
export type At =
  { readonly kind: 'version'; readonly version: number } | { readonly kind: 'instant'; readonly timestampMs: number }

const instant = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)\s?(Z|[+-]\d\d:?\d\d)?)?$/i

/**
 * `57` as a version, `2010-12-01`, `2010-12-01 08:30` or `2010-12-01T08:30:00+01:00` as an instant; UTC where no zone is
 * given. Throws on anything else.
 */
export function parseAt(text: string): At {
  const wanted = text.trim()
  if (/^\d+$/.test(wanted)) return { kind: 'version', version: Number(wanted) }
  const [, date, time = '00:00', zone = 'Z'] = instant.exec(wanted) ?? []
  const timestampMs = date === undefined ? NaN : Date.parse(`${date}T${time}${zone.toUpperCase()}`)
  // Date.parse carries 30 February over into March.
  const isDay = date !== undefined && new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(8))
  if (!Number.isNaN(timestampMs) && isDay) return { kind: 'instant', timestampMs }
  throw new Error(
    `at: expected a version (57) or a time (2010-12-01T08:30:00Z, UTC unless it has a zone), got "${text}"`,
  )
}

/** An instant as people write it, `2010-12-01 08:30:00 UTC`. */
export function instantText(timestampMs: number): string {
  const [date = '', time = ''] = new Date(timestampMs).toISOString().split(/[TZ]/)
  return `${date} ${time.replace(/\.000$/, '')} UTC`
}

/** The version asked for: by number, or the newest committed not later than the instant. Throws, listing what there is. */
export async function resolveAt(store: Store, { name, root }: LakeTable, at: At): Promise<number> {
  const versions = await readVersions(store, root)
  const found =
    at.kind === 'version'
      ? versions.find(({ version }) => version === at.version)
      : versions.filter(({ committedMs }) => committedMs <= at.timestampMs).at(-1)
  if (found) return found.version
  const asked = at.kind === 'version' ? `version ${at.version}` : `version as of ${instantText(at.timestampMs)}`
  throw new Error(`at: ${name} has no ${asked}; ${availableText(versions)}`)
}

const listedVersions = 5

function availableText(versions: readonly Version[]): string {
  const line = ({ version, committedMs }: Version) => `  ${version}  ${instantText(committedMs)}`
  const shown = versions.length <= 2 * listedVersions ? versions : versions.slice(0, listedVersions)
  const last = versions.length > shown.length ? versions.slice(-listedVersions) : []
  const gap = last.length > 0 ? [`  … ${versions.length - shown.length - last.length} more`] : []
  return ['available are', ...shown.map(line), ...gap, ...last.map(line)].join('\n')
}
