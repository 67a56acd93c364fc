// Tested in test/tools/verify/verify.test.ts.
import { type SectionName, sections } from './checks'
import { type Difference, type CheckResult } from './compare'

/** What came of one part: its checks by name, and figures about it. */
export interface Section {
  readonly checked: number
  readonly mismatches: number
  readonly figures: Readonly<Record<string, unknown>>
  readonly checks: Readonly<Record<string, CheckResult>>
}

/** What came of all of it. */
export type Report = {
  readonly ok: boolean
  readonly checked: number
  readonly mismatches: number
  /** Tables that verify does not know, and so says nothing about. */
  readonly unchecked: readonly string[]
} & Readonly<Record<SectionName, Section>>

/** A part out of its outcomes. */
export function sectionOf(checks: Readonly<Record<string, CheckResult>>, figures: Section['figures']): Section {
  const outcomes = Object.values(checks)
  return { checked: sum(outcomes, 'checked'), mismatches: sum(outcomes, 'mismatches'), figures, checks }
}

/** The whole out of its parts. */
export function reportOf(
  parts: Readonly<Record<SectionName, Section>>,
  { unchecked }: { readonly unchecked: readonly string[] },
): Report {
  const all = Object.values(parts)
  const mismatches = sum(all, 'mismatches')
  return {
    ok: mismatches === 0 && unchecked.length === 0,
    checked: sum(all, 'checked'),
    mismatches,
    unchecked,
    ...parts,
  }
}

function sum<K extends 'checked' | 'mismatches'>(of: readonly Readonly<Record<K, number>>[], field: K): number {
  return of.reduce((total, each) => total + each[field], 0)
}

/** The report for people: one line per check, and below a failed one the first keys that differ. */
export function show(report: Report): string {
  const lines = sections.flatMap((name) => {
    const { figures, checks } = report[name]
    return ['', `${name}: ${figuresText(figures)}`, ...checksLines(checks), ...notes(figures)]
  })
  return [...lines, '', verdictLine(report), ...report.unchecked.map((table) => `✗ not checked: ${table}`)].join('\n')
}

function verdictLine({ checked, mismatches, unchecked }: Report): string {
  if (mismatches > 0) return `✗ ${grouped(mismatches)} of ${grouped(checked)} rows compared differ`
  return `${unchecked.length === 0 ? '✓' : '!'} ${grouped(checked)} rows compared, all agree`
}

function checksLines(checks: Section['checks']): readonly string[] {
  const width = Math.max(...Object.keys(checks).map(({ length }) => length))
  return Object.entries(checks).flatMap(([name, outcome]) => checkLines(name.padEnd(width), outcome))
}

function checkLines(name: string, { about, checked, mismatches, differing }: CheckResult): readonly string[] {
  const mark = mismatches === 0 ? '✓' : '✗'
  const agree = `${grouped(checked - mismatches)} of ${grouped(checked)}`
  const more = mismatches - differing.length
  return [
    `  ${mark} ${name} ${agree.padStart(20)}  ${about}`,
    ...differing.flatMap(differenceLines),
    ...(more > 0 ? [`      and ${grouped(more)} more`] : []),
  ]
}

function differenceLines({ key, expected, got }: Difference): readonly string[] {
  // Where both sides have a row, what is the same in both is not worth reading.
  const names = Object.keys({ ...expected, ...got }).filter(
    (name) => !expected || !got || JSON.stringify(expected[name]) !== JSON.stringify(got[name]),
  )
  const where = `      ${pairs(key, Object.keys(key))}`
  if (!expected && !got) return [where]
  return [
    where,
    `        expected ${expected ? pairs(expected, names) || 'a row' : 'nothing'}`,
    `        got      ${got ? pairs(got, names) || 'a row' : 'nothing'}`,
  ]
}

function pairs(values: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  return names.map((name) => `${name}=${text(values[name])}`).join(' ')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** Figures as `3 messages, 120 bytes`; lists are for the notes. */
function figuresText(figures: Section['figures']): string {
  const entries = Object.entries(figures).filter(([, value]) => !Array.isArray(value))
  return entries.map(([name, value]) => `${spaced(name)} ${figureText(value)}`).join(', ')
}

function figureText(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? grouped(value) : String(value)
  if (typeof value !== 'object' || value === null) return text(value)
  const entries = Object.entries(value)
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${text(count)}`).join(' ')
}

/** What a person should know though nothing is wrong with it, and what to do about it. */
function notes(figures: Section['figures']): readonly string[] {
  const {
    csv = [],
    datesNotBatched = [],
    datesOvertaken = [],
    columnsNotChecked = [],
    notCovered = [],
  } = figures as {
    readonly csv?: readonly Section['figures'][]
    readonly datesNotBatched?: readonly string[]
    readonly datesOvertaken?: readonly string[]
    readonly columnsNotChecked?: readonly string[]
    readonly notCovered?: readonly string[]
  }
  const batch = (about: string, dates: readonly string[]) => {
    const [first, last] = [dates[0], dates.at(-1)]
    if (first === undefined || last === undefined) return []
    const range = first === last ? first : `${first}..${last}`
    return [`    ${dates.length} ${about}, ${range}; run \`npm run batch -- --date ${range}\``]
  }
  return [
    ...csv.flatMap((source) => [`    csv ${figuresText(source)}`, ...notes(source)]),
    ...batch('days have events and were never batched', datesNotBatched),
    ...(columnsNotChecked.length > 0
      ? [`    columns that somebody added are not checked: ${columnsNotChecked.join(', ')}`]
      : []),
    ...(notCovered.length > 0
      ? [
          `    not worked out from these files again, for their map has ${notCovered.join(', ')}; what the log says is checked`,
        ]
      : []),
    ...batch('days have events that came after their batch', datesOvertaken),
  ]
}

/** `rejectedRows` as `rejected rows`. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function grouped(number: number): string {
  return number.toLocaleString('en').replaceAll(',', ' ')
}
