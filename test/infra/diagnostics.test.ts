import { all, type Block, variants } from './synthesized'

/*
 * Every resource that can tell something tells it to the workspace, in categories the service knows:
 * https://learn.microsoft.com/azure/azure-monitor/reference/logs-index
 */

interface Told {
  /** Added to the id of the resource; the resource itself and what is below it are told apart. */
  readonly below: string
  readonly logs: readonly string[]
  readonly metrics: readonly string[]
  /** Whether the service writes to the shared table unless told otherwise. */
  readonly dedicated: boolean
}

const blobs = {
  below: '/blobServices/default',
  logs: ['StorageRead', 'StorageWrite', 'StorageDelete'],
  dedicated: false,
}
const ofStorage = ['Transaction', 'Capacity']
const metricsOnly: Told = { below: '', logs: [], metrics: ['AllMetrics'], dedicated: false }

const tells: Readonly<Record<string, readonly Told[]>> = {
  azurerm_eventhub_namespace: [
    {
      below: '',
      logs: ['OperationalLogs', 'DiagnosticErrorLogs', 'AutoScaleLogs', 'ArchiveLogs', 'EventHubVNetConnectionEvent'],
      metrics: ['AllMetrics'],
      dedicated: true,
    },
  ],
  azurerm_storage_account: [
    { below: '', logs: [], metrics: ofStorage, dedicated: false },
    { ...blobs, metrics: ofStorage },
  ],
  azurerm_postgresql_flexible_server: [
    {
      below: '',
      logs: [
        'PostgreSQLLogs',
        'PostgreSQLFlexSessions',
        'PostgreSQLFlexDatabaseXacts',
        'PostgreSQLFlexTableStats',
        'PostgreSQLFlexQueryStoreRuntime',
        'PostgreSQLFlexQueryStoreWaitStats',
      ],
      metrics: ['AllMetrics'],
      dedicated: true,
    },
  ],
  azurerm_function_app_flex_consumption: [metricsOnly],
  azurerm_service_plan: [metricsOnly],
  azurerm_log_analytics_workspace: [{ ...metricsOnly, logs: ['Audit', 'SummaryLogs'] }],
  azurerm_virtual_network: [{ ...metricsOnly, logs: ['VMProtectionAlerts'] }],
}

/** Types that have no diagnostic settings, or, like Application Insights, would only write twice what is there. */
const silent = [
  'azurerm_application_insights',
  'azurerm_application_insights_workbook',
  'azurerm_consumption_budget_resource_group',
  'azurerm_eventhub',
  'azurerm_eventhub_consumer_group',
  'azurerm_federated_identity_credential',
  'azurerm_log_analytics_saved_search',
  'azurerm_monitor_action_group',
  'azurerm_monitor_diagnostic_setting',
  'azurerm_monitor_metric_alert',
  'azurerm_monitor_scheduled_query_rules_alert_v2',
  'azurerm_postgresql_flexible_server_active_directory_administrator',
  'azurerm_postgresql_flexible_server_configuration',
  'azurerm_postgresql_flexible_server_database',
  'azurerm_postgresql_flexible_server_firewall_rule',
  'azurerm_private_dns_zone',
  'azurerm_private_dns_zone_virtual_network_link',
  'azurerm_private_endpoint',
  'azurerm_resource_group',
  'azurerm_role_assignment',
  'azurerm_storage_container',
  'azurerm_storage_management_policy',
  'azurerm_subnet',
  'azurerm_user_assigned_identity',
  'terraform_data',
]

const each = [...variants].map(([name, variant]) => ({ name, ...variant }))

test.each(each)('$name: every type of resource is known to tell something or to be silent', ({ resources }) => {
  const known = [...silent, ...Object.keys(tells)]
  expect(resources.map(({ type }) => type).filter((type) => !known.includes(type))).toEqual([])
})

test.each(each)('$name: every resource that can tell something does, in the right categories', ({ resources }) => {
  const settings = all({ resources }, 'azurerm_monitor_diagnostic_setting')
  const expected = resources.flatMap(({ type, id }) =>
    (tells[type] ?? []).map((told) => ({ ...told, target: `\${${type}.${id}.id}${told.below}` })),
  )
  expect(settings.map(({ target_resource_id }) => target_resource_id).sort()).toEqual(
    expected.map(({ target }) => target).sort(),
  )
  for (const { target, logs, metrics, dedicated } of expected) {
    const setting = settings.find(({ target_resource_id }) => target_resource_id === target) ?? {}
    const categories = (name: string) => (setting[name] as Block[]).map(({ category }) => category)
    expect(logs).toEqual(expect.arrayContaining(categories('enabled_log')))
    expect(categories('enabled_metric')).toEqual(metrics)
    expect(setting.log_analytics_destination_type).toBe(dedicated ? 'Dedicated' : undefined)
    expect(setting.log_analytics_workspace_id).toMatch(/^\$\{azurerm_log_analytics_workspace\.\w+\.id\}$/)
  }
})

test.each(each)(
  '$name: the costly logs of reads and writes are off, what errs and what deletes is on',
  ({ resources }) => {
    const settings = all({ resources }, 'azurerm_monitor_diagnostic_setting')
    const categories = settings.flatMap(({ enabled_log }) => (enabled_log as Block[]).map(({ category }) => category))
    expect(categories).not.toContain('StorageRead')
    expect(categories).not.toContain('StorageWrite')
    expect(categories).toEqual(
      expect.arrayContaining(['DiagnosticErrorLogs', 'StorageDelete', 'PostgreSQLLogs', 'Audit']),
    )
  },
)
