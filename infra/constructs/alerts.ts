import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group'
import { MonitorMetricAlert } from '@cdktf/provider-azurerm/lib/monitor-metric-alert'
import { MonitorScheduledQueryRulesAlertV2 } from '@cdktf/provider-azurerm/lib/monitor-scheduled-query-rules-alert-v2'
import { Construct } from 'constructs'
import { type MetricRule, namespaces, type QueryRule, type Rule, type Target } from '../alerts/rule'
import { rules } from '../alerts/rules'
import { type Config } from '../config'
import { type Monitored } from '../monitored'
import { literal, queryNamed } from '../queries/query'

interface AlertsOptions {
  readonly monitored: Monitored
  readonly config: Config
}

/** The alerts of `infra/alerts`, and who is told of them. */
export class Alerts extends Construct {
  readonly #monitored: Monitored
  readonly #config: Config
  readonly #operators: MonitorActionGroup

  constructor(scope: Construct, id: string, { monitored, config }: AlertsOptions) {
    super(scope, id)
    this.#monitored = monitored
    this.#config = config
    this.#operators = new MonitorActionGroup(this, 'operators', {
      name: 'operators',
      resourceGroupName: monitored.resourceGroup.name,
      tags: monitored.tags,
      shortName: 'tillstream',
      emailReceiver: [{ name: 'mailbox', emailAddress: monitored.alertEmail, useCommonAlertSchema: true }],
    })
    for (const rule of rules) this.#create(rule)
  }

  #create(rule: Rule): void {
    switch (rule.kind) {
      case 'query':
        this.#createQueryAlert(rule)
        return
      case 'metric':
        for (const target of rule.targets) this.#createMetricAlert(rule, target)
        return
    }
  }

  #createQueryAlert(rule: QueryRule): void {
    const { resourceGroup, workspace } = this.#monitored
    const apart = rule.apart ?? []
    new MonitorScheduledQueryRulesAlertV2(this, rule.name, {
      ...this.#common(rule),
      location: resourceGroup.location,
      scopes: [workspace.id],
      evaluationFrequency: rule.every,
      windowDuration: rule.window,
      criteria: [
        {
          query: literal(queryNamed(`alerts/${rule.name}`).text),
          metricMeasureColumn: rule.measure,
          // The query gives one row per combination of dimensions, so that any aggregation returns its value.
          timeAggregationMethod: 'Maximum',
          operator: rule.operator,
          threshold: this.#threshold(rule),
          dimension: apart.map((name) => ({ name, operator: 'Include', values: ['*'] })),
          failingPeriods: { minimumFailingPeriodsToTriggerAlert: 1, numberOfEvaluationPeriods: 1 },
        },
      ],
      action: {
        actionGroups: [this.#operators.id],
        customProperties: { runbook: runbook(rule, this.#config), means: rule.means },
      },
      autoMitigationEnabled: true,
      // A table is only there once something has been written to it; at the first apply nothing has.
      skipQueryValidation: true,
    })
  }

  #createMetricAlert(rule: MetricRule, target: Target): void {
    const name = rule.targets.length === 1 ? rule.name : `${rule.name}-${kebab(target)}`
    const dimensions = Object.entries(rule.dimensions ?? {})
    new MonitorMetricAlert(this, name, {
      ...this.#common(rule),
      name,
      scopes: [this.#monitored[target].id],
      frequency: rule.every,
      windowSize: rule.window,
      criteria: [
        {
          metricNamespace: namespaces[target],
          metricName: rule.metric,
          aggregation: rule.aggregation,
          operator: rule.operator,
          threshold: this.#threshold(rule),
          dimension: dimensions.map(([name, values]) => ({ name, operator: 'Include', values: [...values] })),
        },
      ],
      action: [{ actionGroupId: this.#operators.id, webhookProperties: { runbook: runbook(rule, this.#config) } }],
      autoMitigate: true,
    })
  }

  #common(rule: Rule) {
    const { resourceGroup, tags } = this.#monitored
    return {
      name: rule.name,
      resourceGroupName: resourceGroup.name,
      tags,
      description: `${rule.means} ${runbook(rule, this.#config)}`,
      severity: rule.severity,
      enabled: true,
    }
  }

  #threshold({ threshold }: Rule): number {
    return typeof threshold === 'number' ? threshold : threshold(this.#config)
  }
}

/** Where a rule's section is: on GitHub when the repository is known, else within it. */
export function runbook({ name }: Pick<Rule, 'name'>, { repository }: Pick<Config, 'repository'>): string {
  const path = `docs/runbooks.md#${name}`
  return repository === undefined ? path : `https://github.com/${repository}/blob/main/${path}`
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
