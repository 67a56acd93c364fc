import { type Config } from '../config'
import { type Monitored } from '../monitored'

/** 1: act now, data is at risk or stands still. 2: act today. 3: look at it when there is time. */
export type Severity = 1 | 2 | 3

/** ISO 8601. */
export type Duration = 'PT1M' | 'PT5M' | 'PT15M' | 'PT30M' | 'PT1H' | 'PT6H' | 'P1D' | 'P2D'

export type Operator = 'GreaterThan' | 'LessThan'

interface Common {
  /** Of the alert, and of its section in docs/runbooks.md. */
  readonly name: string
  readonly severity: Severity
  /** What it means that it fires; one sentence for the mail. */
  readonly means: string
  readonly operator: Operator
  /** A number, or a function of the environment's size. */
  readonly threshold: number | ((config: Config) => number)
  /** What each evaluation looks at, and how often there is one. */
  readonly window: Duration
  readonly every: Duration
}

/**
 * A log search alert over the query of the same name under queries/alerts. A rule with `LessThan` needs a query that gives a
 * row even where there is no data, so that silence fires too.
 */
export interface QueryRule extends Common {
  readonly kind: 'query'
  /** Column that is compared. */
  readonly measure: string
  /** Columns whose values are judged apart, each with an alert of its own. */
  readonly apart?: readonly string[]
}

/** The resources that have metrics of their own. */
export type Target = keyof typeof namespaces

/** Fires by a metric of the platform, which is there even when the workspace takes no data. */
export interface MetricRule extends Common {
  readonly kind: 'metric'
  readonly targets: readonly Target[]
  /** https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index */
  readonly metric: string
  readonly aggregation: 'Average' | 'Maximum' | 'Minimum' | 'Total'
  readonly dimensions?: Readonly<Record<string, readonly string[]>>
}

export type Rule = QueryRule | MetricRule

/** Metric namespace of each resource. */
export const namespaces = {
  hubNamespace: 'Microsoft.EventHub/namespaces',
  lake: 'Microsoft.Storage/storageAccounts',
  hostStorage: 'Microsoft.Storage/storageAccounts',
  postgres: 'Microsoft.DBforPostgreSQL/flexibleServers',
  functionApp: 'Microsoft.Web/sites',
} as const satisfies Partial<Record<keyof Monitored, string>>
