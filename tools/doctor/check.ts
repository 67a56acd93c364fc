// Tested in test/tools/doctor.test.ts.
import { type Subject } from './subject'

/** What a check found: all well, something to know, something to mend, or nothing because a check it needs has failed. */
export type Finding =
  | { readonly level: 'ok' | 'off'; readonly what: string }
  | { readonly level: 'warn' | 'fault'; readonly what: string; readonly fix: string }

export type Level = Finding['level']

export const groups = ['machine', 'settings', 'stack', 'storage', 'hub', 'postgres', 'pipeline'] as const

/** One thing looked at. */
export interface Check {
  readonly group: (typeof groups)[number]
  readonly name: string
  /** Checks, earlier in the table, without which this one would only repeat their fault. */
  readonly needs?: readonly string[]
  /** Left out where the services are not on this machine. */
  readonly where?: 'local'
  readonly run: (subject: Subject) => Promise<readonly Finding[]>
  /** What to do when it throws something that does not say, or does not come back. */
  readonly fix: string
}

/** What came of one check. */
export interface Result {
  readonly group: Check['group']
  readonly name: string
  readonly findings: readonly Finding[]
}

export const ok = (what: string): Finding => ({ level: 'ok', what })
export const off = (what: string): Finding => ({ level: 'off', what })
export const warn = (what: string, fix: string): Finding => ({ level: 'warn', what, fix })
export const fault = (what: string, fix: string): Finding => ({ level: 'fault', what, fix })
