// Tested in test/tools/doctor.test.ts.
import { type Finding, groups, type Level, type Result } from './check'

const marks: Readonly<Record<Level, string>> = { ok: '✓', off: '–', warn: '!', fault: '✗' }

/** The results for people: grouped, one line a finding, and below each that wants something done what that is. */
export function show(results: readonly Result[]): string {
  const width = Math.max(...results.map(({ name }) => name.length))
  const shown = groups.flatMap((group) => {
    const lines = inOneLine(results.filter((result) => result.group === group)).flatMap((result) =>
      linesOf(result, width),
    )
    return lines.length > 0 ? [group, ...lines, ''] : []
  })
  return [...shown, verdict(results)].join('\n')
}

/** A group of which nothing was looked at, for one reason, is told once. */
function inOneLine(results: readonly Result[]): readonly Result[] {
  const [first, ...rest] = results
  const reason = first?.findings[0]
  const same = ({ findings }: Result) => findings.every(({ level, what }) => level === 'off' && what === reason?.what)
  return first && rest.length > 0 && results.every(same) ? [{ ...first, name: '' }] : results
}

function linesOf({ name, findings }: Result, width: number): readonly string[] {
  return findings.flatMap((finding) => {
    const line = `  ${marks[finding.level]} ${name.padEnd(width)}  ${finding.what}`
    return 'fix' in finding ? [line, `${' '.repeat(width + 6)}→ ${finding.fix}`] : [line]
  })
}

function verdict(results: readonly Result[]): string {
  const findings = results.flatMap((result) => result.findings)
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length
  const [faults, warnings] = [count('fault'), count('warn')]
  const parts = [faults > 0 && `${faults} to mend`, warnings > 0 && `${warnings} to know`].filter(
    (part) => part !== false,
  )
  const all = count('off') === 0 ? '✓ nothing to mend' : '✓ nothing to mend in what could be looked at'
  return parts.length === 0 ? all : `${faults > 0 ? '✗' : '!'} ${parts.join(', ')}`
}
