import { type QueryRule } from './rule'

/** Whether the workspace still takes what all the other rules by query look at. */
export const logRules: readonly QueryRule[] = [
  {
    kind: 'query',
    name: 'logs-capped',
    severity: 1,
    means: 'The workspace has reached its daily cap: until tomorrow every alert by query is blind.',
    measure: 'stopped',
    operator: 'GreaterThan',
    threshold: 0,
    window: 'PT15M',
    every: 'PT5M',
  },
  {
    kind: 'query',
    name: 'logs-near-cap',
    severity: 2,
    means: 'Four fifths of what the workspace takes in a day have come within one.',
    measure: 'GB',
    operator: 'GreaterThan',
    threshold: ({ logs }) => 0.8 * logs.dailyCapGb,
    window: 'P1D',
    every: 'PT30M',
  },
]
