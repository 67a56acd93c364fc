// Tested in test/tools/doctor.test.ts.
import { reasonOf } from '../../src/reason'
import { type Check, fault, type Finding, type Level, off, type Result } from './check'
import { type Subject } from './subject'

/**
 * Runs checks side by side, each after those it needs, and returns what they found in the order of the table. Never
 * throws and never hangs: a check that throws or does not come back within `timeoutMs` is a fault of what it looked at.
 */
export async function examine(
  checks: readonly Check[],
  subject: Subject,
  { timeoutMs = 15_000 }: { readonly timeoutMs?: number } = {},
): Promise<readonly Result[]> {
  const started = new Map<string, Promise<Result>>()
  for (const check of checks) {
    if (check.where === 'local' && !subject.stack) continue
    const needed = (check.needs ?? []).flatMap((name) => started.get(name) ?? [])
    started.set(check.name, examineOne(check, { subject, timeoutMs, needed: Promise.all(needed) }))
  }
  const results = await Promise.all(started.values())
  const conceal = concealerOf(subject)
  return results.map((result) => ({ ...result, findings: result.findings.map((finding) => conceal(finding)) }))
}

interface Surroundings {
  readonly subject: Subject
  readonly timeoutMs: number
  readonly needed: Promise<readonly Result[]>
}

async function examineOne(check: Check, { subject, timeoutMs, needed }: Surroundings): Promise<Result> {
  const { group, name } = check
  const missing = (await needed).find((result) => ['fault', 'off'].includes(worst(result.findings)))
  const findings = missing ? [notLookedAt(missing)] : await within(check, subject, timeoutMs)
  return { group, name, findings }
}

/** Names what is to be mended first, however many checks stand in between. */
function notLookedAt({ name, findings }: Result): Finding {
  const passedOn = findings.find(({ level, what }) => level === 'off' && what.startsWith(skipped))
  return passedOn ?? off(`${skipped}: ${name} first`)
}

const skipped = 'not looked at'

async function within(check: Check, subject: Subject, timeoutMs: number): Promise<readonly Finding[]> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<readonly Finding[]>((resolve) => {
    timer = setTimeout(() => resolve([fault(`no answer within ${timeoutMs / 1000} s`, check.fix)]), timeoutMs)
  })
  try {
    return await Promise.race([silence, check.run(subject)])
  } catch (error) {
    return [faultOf(error, check.fix)]
  } finally {
    clearTimeout(timer)
  }
}

/** Errors of this project end in what to do, after a semicolon; others do not say. */
function faultOf(error: unknown, fix: string): Finding {
  const message = reasonOf(error).split('\n')[0] ?? ''
  const [, what, advice] = /^(.*); ([^;]+)$/.exec(message) ?? []
  return what !== undefined && advice !== undefined ? fault(what, advice) : fault(message, fix)
}

const order: readonly Level[] = ['ok', 'off', 'warn', 'fault']

/** The level of a result is that of its worst finding. */
export function worst(findings: readonly Finding[]): Level {
  return findings.reduce<Level>(
    (level, found) => (order.indexOf(found.level) > order.indexOf(level) ? found.level : level),
    'ok',
  )
}

const secretSettings = [
  'EventHubConnection',
  'AzureWebJobsStorage',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'POSTGRES_PASSWORD',
]

/** Blanks secrets in the messages of libraries; a secret that is also the value of a public setting is left. */
function concealerOf({ values }: Subject): (finding: Finding) => Finding {
  const open = new Set(
    Object.entries(values).flatMap(([name, value]) => (secretSettings.includes(name) ? [] : [value])),
  )
  const secrets = secretSettings
    .flatMap((name) => [values[name] ?? '', ...keysIn(values[name] ?? '')])
    .filter((secret) => secret.length > 3 && !open.has(secret))
  const conceal = (text: string) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text)
  return (finding) => ({
    ...finding,
    what: conceal(finding.what),
    ...('fix' in finding && { fix: conceal(finding.fix) }),
  })
}

const keysIn = (connection: string) =>
  [...connection.matchAll(/(?:Key|Signature|Password|Secret)=([^;]+)/gi)].map((match) => match[1] ?? '')
