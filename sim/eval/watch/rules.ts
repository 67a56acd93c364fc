// Tested in test/sim/eval/watch/watch.test.ts.

/** What the shelf watch is told besides the events; part of the fold's rules, never stored in state. */
export interface WatchRules {
  /** The one number a manager sets: silences that are chance and open an alert all the same, per store and week. */
  readonly falseAlarmsPerWeek: number
  /** Whether a `stock` event that says 0 opens an alert. */
  readonly confirmed: boolean
  /** Whether a whole store that is quiet against its own rhythm opens one. */
  readonly storeSilent: boolean
  /** What was sold this long ago counts 1/e of what is sold now. */
  readonly memoryMs: number
  /** A shelf whose empty place would take longer than this to tell from chance is unobservable. */
  readonly observableMs: number
  /** Alerts shown per store and shift; those beyond it are counted, and shown next shift if they still stand. */
  readonly alertsPerShift: number
  readonly shiftMs: number
}

const [hourMs, dayMs] = [3_600_000, 86_400_000]

/** The rules of an installation that says nothing else. */
export const defaultWatchRules: WatchRules = {
  falseAlarmsPerWeek: 2,
  confirmed: true,
  storeSilent: true,
  memoryMs: 42 * dayMs,
  observableMs: 7 * dayMs,
  alertsPerShift: 20,
  shiftMs: 8 * hourMs,
}

/** A readable identity of the rules: two that differ in anything which changes the alerts differ in it. */
export function watchRulesId(rules: WatchRules): string {
  const { falseAlarmsPerWeek, confirmed, storeSilent, memoryMs, observableMs, alertsPerShift, shiftMs } = rules
  return [
    'watch-1',
    `alarms=${falseAlarmsPerWeek}`,
    `confirmed=${confirmed}`,
    `silent=${storeSilent}`,
    `memory=${memoryMs}`,
    `observable=${observableMs}`,
    `cap=${alertsPerShift}/${shiftMs}`,
  ].join(' ')
}
