import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group'
import { Testing, TerraformStack } from 'cdktf'
import { type Rule } from '../../infra/alerts/rule'
import { rules } from '../../infra/alerts/rules'
import { type Config, type EnvironmentName, environments } from '../../infra/config'
import { Alerts, runbook } from '../../infra/constructs/alerts'
import { Observability } from '../../infra/constructs/observability'
import { type Monitored } from '../../infra/monitored'
import { queries } from '../../infra/queries/query'

/** Resources as the stack hands them over: some by name, some by reference. */
function monitoredIn(stack: TerraformStack): Monitored {
  const group = new ResourceGroup(stack, 'group', { name: 'rg', location: 'westeurope' })
  const resource = (name: string) => ({ id: `${group.id}/providers/${name}`, name })
  return {
    resourceGroup: { id: group.id, name: group.name, location: group.location },
    tags: { system: 'tillstream' },
    alertEmail: 'operators@example.com',
    workspace: resource('workspace'),
    applicationInsights: { ...resource('insights'), connectionString: 'InstrumentationKey=0' },
    hubNamespace: resource('hub'),
    hubs: { events: 'retail-events', alerts: 'stock-alerts' },
    consumerGroup: 'tillstream',
    functionApp: resource('app'),
    servicePlan: resource('plan'),
    lake: resource('lake'),
    hostStorage: resource('host'),
    postgres: resource('postgres'),
  }
}

interface Alert {
  readonly name: string
  readonly severity: number
  readonly description: string
  readonly scopes: readonly string[]
  readonly criteria: readonly {
    readonly query?: string
    readonly metric_name?: string
    readonly metric_namespace?: string
    readonly aggregation?: string
    readonly threshold: number
    readonly dimension?: readonly { readonly name: string; readonly values: readonly string[] }[]
  }[]
  readonly action: unknown
  readonly window_duration?: string
  readonly window_size?: string
  readonly evaluation_frequency?: string
  readonly frequency?: string
}

interface Synthesized {
  readonly text: string
  readonly resource: Readonly<Record<string, Readonly<Record<string, Alert & Readonly<Record<string, unknown>>>>>>
}

function synthesize(config: Config): Synthesized {
  const stack = new TerraformStack(Testing.app(), 'stack')
  const monitored = monitoredIn(stack)
  new Alerts(stack, 'alerts', { monitored, config })
  new Observability(stack, 'observability', monitored)
  const text = Testing.synth(stack)
  return { text, ...(JSON.parse(text) as Omit<Synthesized, 'text'>) }
}

const environment = (name: EnvironmentName) => environments[name]
const { text, resource } = synthesize(environment('prod'))
const of = (type: string) => Object.values(resource[type] ?? {})
const queryAlerts = of('azurerm_monitor_scheduled_query_rules_alert_v2')
const metricAlerts = of('azurerm_monitor_metric_alert')

/*
 * What each kind of resource measures, and the dimensions it may be asked apart by:
 * https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index
 */
const documented: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'Microsoft.EventHub/namespaces': {
    ThrottledRequests: ['EntityName', 'OperationResult'],
    ServerErrors: ['EntityName', 'OperationResult'],
    UserErrors: ['EntityName', 'OperationResult'],
    QuotaExceededErrors: ['EntityName', 'OperationResult'],
    IncomingMessages: ['EntityName'],
    OutgoingMessages: ['EntityName'],
    IncomingBytes: ['EntityName'],
    OutgoingBytes: ['EntityName'],
    ActiveConnections: [],
    Size: ['EntityName'],
  },
  'Microsoft.Storage/storageAccounts': {
    Availability: ['GeoType', 'ApiName', 'Authentication'],
    Transactions: ['ResponseType', 'GeoType', 'ApiName', 'Authentication', 'TransactionType'],
    SuccessE2ELatency: ['GeoType', 'ApiName', 'Authentication'],
    UsedCapacity: [],
  },
  'Microsoft.DBforPostgreSQL/flexibleServers': {
    is_db_alive: [],
    cpu_percent: [],
    memory_percent: [],
    storage_percent: [],
    active_connections: [],
    connections_failed: [],
    cpu_credits_remaining: [],
  },
  'Microsoft.Web/sites': { InstanceCount: [], CpuPercentage: [], MemoryWorkingSet: [] },
}

const responseTypes = [
  'ServerBusyError',
  'ClientThrottlingError',
  'ClientAccountRequestThrottlingError',
  'ClientAccountBandwidthThrottlingError',
  'SuccessWithThrottling',
  'AuthorizationError',
  'ServerOtherError',
  'ServerTimeoutError',
  'ClientTimeoutError',
  'NetworkError',
]

/** GitHub's anchors of a document's headings. */
function anchorsOf(path: string): string[] {
  const headings = [...readFileSync(join(process.cwd(), path), 'utf8').matchAll(/^#+ (.+)$/gm)]
  return headings.map(([, title]) =>
    (title ?? '')
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )
}

test('every rule is an alert, and those of several resources one for each', () => {
  const names = [...queryAlerts, ...metricAlerts].map(({ name }) => name).sort()
  const expected = rules.flatMap((rule) => {
    if (rule.kind === 'query' || rule.targets.length === 1) return [rule.name]
    return rule.targets.map((target) => `${rule.name}-${target === 'hostStorage' ? 'host-storage' : target}`)
  })
  expect(names).toEqual(expected.sort())
  expect(new Set(names).size).toBe(names.length)
})

test('every alert tells somebody, how bad it is, what it means and where to look', () => {
  const group = /^\$\{azurerm_monitor_action_group\.[\w-]+\.id\}$/
  for (const { action, severity, description } of [...queryAlerts, ...metricAlerts]) {
    expect([1, 2, 3]).toContain(severity)
    expect(description).toMatch(/\. docs\/runbooks\.md#[a-z-]+$/)
    const [groups, link] = actionOf(action)
    expect(groups).toEqual([expect.stringMatching(group)])
    expect(description.endsWith(link)).toBe(true)
  }
  const [operators] = of('azurerm_monitor_action_group')
  expect(operators).toMatchObject({
    short_name: 'tillstream',
    email_receiver: [{ email_address: 'operators@example.com', use_common_alert_schema: true }],
  })
})

/** The groups an alert tells, and the runbook it names to them. */
function actionOf(action: unknown): [groups: readonly string[], runbook: string] {
  if (Array.isArray(action)) {
    const told = action as { action_group_id: string; webhook_properties: { runbook: string } }[]
    return [told.map(({ action_group_id }) => action_group_id), told[0]?.webhook_properties.runbook ?? '']
  }
  const { action_groups, custom_properties } = action as {
    action_groups: string[]
    custom_properties: { runbook: string }
  }
  return [action_groups, custom_properties.runbook]
}

test('every alert has a section in the runbooks, which names a saved query or says why none, and there are no others', () => {
  const anchors = anchorsOf('docs/runbooks.md')
  expect([...rules.map(({ name }) => name), 'budget'].filter((name) => !anchors.includes(name))).toEqual([])
  const sections = readFileSync(join(process.cwd(), 'docs/runbooks.md'), 'utf8').split(/^## /m).slice(1)
  const titles = sections.map((section) => section.split('\n')[0])
  expect(titles.sort()).toEqual([...rules.map(({ name }) => name), 'budget'].sort())
  for (const section of sections) {
    expect(section).toMatch(/\*\*Means\*\*[\s\S]+\*\*Look\*\*[\s\S]+\*\*Do\*\*/)
    const named = [...section.matchAll(/query\s`([\w/-]+)`/gi)].map(([, name]) => name ?? '')
    expect(named.filter((name) => !queries.has(name))).toEqual([])
    expect(named.length + Number(section.includes('metric'))).toBeGreaterThan(0)
  }
})

test('a runbook is linked on GitHub where the repository is known', () => {
  const repository = 'shop/tillstream'
  expect(runbook({ name: 'gap' }, { repository })).toBe(
    'https://github.com/shop/tillstream/blob/main/docs/runbooks.md#gap',
  )
})

test('metrics, dimensions and aggregations are documented ones', () => {
  expect(metricAlerts.length).toBeGreaterThan(0)
  for (const { name, criteria } of metricAlerts) {
    for (const { metric_namespace = '', metric_name = '', aggregation, dimension = [] } of criteria) {
      const dimensions = documented[metric_namespace]?.[metric_name]
      expect([name, dimensions]).toEqual([name, expect.any(Array)])
      expect(dimension.map((one) => one.name).filter((one) => !dimensions?.includes(one))).toEqual([])
      const values = dimension.flatMap((one) => (one.name === 'ResponseType' ? one.values : []))
      expect(values.filter((value) => !responseTypes.includes(value))).toEqual([])
      expect(['Average', 'Count', 'Minimum', 'Maximum', 'Total']).toContain(aggregation)
    }
  }
})

/** Minutes of an ISO 8601 duration. */
function minutes(duration = ''): number {
  const [, days, hours, rest] = /^P(?:(\d)D)?T?(?:(\d+)H)?(?:(\d+)M)?$/.exec(duration) ?? []
  return Number(days ?? 0) * 1440 + Number(hours ?? 0) * 60 + Number(rest ?? 0)
}

test('windows and frequencies are ones the services take, and nothing falls between two evaluations', () => {
  const forQueries = [1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440]
  for (const { name, window_duration, evaluation_frequency } of queryAlerts) {
    expect([name, [...forQueries, 2880].includes(minutes(window_duration))]).toEqual([name, true])
    expect([name, forQueries.includes(minutes(evaluation_frequency))]).toEqual([name, true])
    expect([name, minutes(evaluation_frequency) <= minutes(window_duration)]).toEqual([name, true])
  }
  for (const { name, window_size, frequency } of metricAlerts) {
    expect([name, [1, 5, 15, 30, 60, 360, 720, 1440].includes(minutes(window_size))]).toEqual([name, true])
    expect([name, [1, 5, 15, 30, 60].includes(minutes(frequency))]).toEqual([name, true])
    expect([name, minutes(frequency) <= minutes(window_size)]).toEqual([name, true])
  }
})

test('a rule that fires for want of data has a query that answers with one row whatever there is', () => {
  const hungry = rules.filter((rule): rule is Extract<Rule, { kind: 'query' }> => {
    return rule.kind === 'query' && rule.operator === 'LessThan'
  })
  expect(hungry.map(({ name }) => name)).toEqual(['pipe-broken', 'consumer-lag-unknown', 'daily-batch-missed'])
  for (const { name, apart } of hungry) {
    expect(apart).toBeUndefined()
    // Without `by`, summarize makes a row of nothing, and sums and counts in it are 0.
    expect(queries.get(`alerts/${name}`)?.text).toMatch(/\| summarize \w+ = (sum|count|countif)\([^|]*\)$/)
  }
})

test('thresholds follow the size of the environment', () => {
  const thresholdOf = (name: EnvironmentName, alert: string) => {
    const { resource } = synthesize(environment(name))
    return Object.values(resource)
      .flatMap((byId) => Object.values(byId))
      .find((found) => found.name === alert)?.criteria[0]?.threshold
  }
  expect(thresholdOf('dev', 'logs-near-cap')).toBeCloseTo(0.8)
  expect(thresholdOf('prod', 'logs-near-cap')).toBeCloseTo(4)
  expect(thresholdOf('dev', 'postgres-connections')).toBe(28)
  expect(thresholdOf('dev', 'watermark-lag')).toBe(40)
})

test('every query is saved, and texts reach Azure as they are written', () => {
  const saved = of('azurerm_log_analytics_saved_search')
  expect(saved).toHaveLength(queries.size)
  const [workbook] = of('azurerm_application_insights_workbook')
  expect(workbook).toMatchObject({
    name: '2b0f5f0e-3d5c-4f0a-8a3e-7c1f0c9d6e42',
    source_id: expect.stringMatching(/^\$\{lower\(/) as string,
  })
  expect(text).not.toMatch(/tftoken/i)
  // References begin with a resource or a function; anything else in ${ } would be text taken for a template.
  const templates = [...text.matchAll(/(?<!\$)\$\{([^}]*)\}/g)].map(([, inner]) => inner ?? '')
  expect(templates.filter((inner) => !/^(lower\(.*)?(azurerm_|lower\(|join\()/.test(inner))).toEqual([])
})
