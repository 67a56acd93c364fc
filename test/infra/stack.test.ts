import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environments } from '../../infra/config'
import { rollups } from '../../src/fold/rollups'
import { dailyTables } from '../../src/pipeline/daily/tables'
import { bronzeEvents, bronzeGaps, goldStockout, silverTable } from '../../src/pipeline/rows/tables'
import { all, type Block, only, synthesize, type Synthesized, variants } from './synthesized'

const root = join(__dirname, '../..')

function variant(name: string): Synthesized {
  const found = variants.get(name)
  if (!found) throw new Error(`variant ${name}: expected one of ${[...variants.keys()].join(', ')}`)
  return found
}

const dev = variant('dev')
const prod = variant('prod')
const mixed = variant('prod, tills by internet, pages by network')
const operated = variant('dev, Premium, operators')

test.each(Object.values(environments))('$name synthesizes to the same bytes, whenever it does', (config) => {
  const [now, later] = ['2026-01-31T23:59:59Z', '2027-07-01T00:00:00Z'].map((time) => {
    jest.useFakeTimers({ now: new Date(time) })
    return synthesize(config).text
  })
  jest.useRealTimers()
  expect(now).toBe(later)
})

test('the lake is hierarchical and has its four containers, cools what is seldom read, gives back what was deleted', () => {
  const lakes = all(prod, 'azurerm_storage_account').filter(({ is_hns_enabled }) => is_hns_enabled === true)
  expect(lakes).toEqual([
    expect.objectContaining({
      account_replication_type: 'ZRS',
      blob_properties: {
        delete_retention_policy: { days: 14 },
        container_delete_retention_policy: { days: 14 },
      },
    }),
  ])
  expect(names(prod, 'azurerm_storage_container')).toEqual(['bronze', 'checkpoints', 'gold', 'packages', 'silver'])
  expect(only(prod, 'azurerm_storage_management_policy').rule).toEqual([
    expect.objectContaining({
      enabled: true,
      filters: { blob_types: ['blockBlob'], prefix_match: ['bronze/', 'silver/'] },
      actions: { base_blob: { tier_to_cool_after_days_since_modification_greater_than: 60 } },
    }),
  ])
})

function names(synthesized: Synthesized, type: string): readonly unknown[] {
  return all(synthesized, type)
    .map(({ name }) => name)
    .sort()
}

test('the hubs have their partitions and retention, and units that inflate are not taken back', () => {
  expect(only(prod, 'azurerm_eventhub_namespace')).toMatchObject({
    sku: 'Standard',
    capacity: 2,
    auto_inflate_enabled: true,
    maximum_throughput_units: 20,
    lifecycle: { ignore_changes: ['capacity'] },
  })
  const hubs = all(prod, 'azurerm_eventhub').map(({ name, partition_count, message_retention }) => ({
    name,
    partition_count,
    message_retention,
  }))
  expect(hubs).toEqual([
    { name: 'stock-alerts', partition_count: 2, message_retention: 7 },
    { name: 'retail-events', partition_count: 16, message_retention: 7 },
  ])
  expect(only(prod, 'azurerm_eventhub_consumer_group').name).toBe('tillstream')
  // Premium grows by hand: auto-inflate is of Standard.
  expect(only(operated, 'azurerm_eventhub_namespace')).toMatchObject({ sku: 'Premium', auto_inflate_enabled: false })
})

test('hubs, groups and containers are those the local stack and the lake tables name', () => {
  const path = join(root, 'local/hub/Config.json')
  const local = JSON.parse(readFileSync(path, 'utf8')) as {
    UserConfig: { NamespaceConfig: { Entities: { Name: string; ConsumerGroups: { Name: string }[] }[] }[] }
  }
  const entities = local.UserConfig.NamespaceConfig.flatMap(({ Entities }) => Entities)
  expect(names(dev, 'azurerm_eventhub')).toEqual(entities.map(({ Name }) => Name).sort())
  const groups = entities.flatMap(({ ConsumerGroups }) => ConsumerGroups.map(({ Name }) => Name))
  expect(names(dev, 'azurerm_eventhub_consumer_group')).toEqual(groups)
  const specs = [
    bronzeEvents,
    bronzeGaps,
    ...rollups.map(silverTable),
    goldStockout,
    ...dailyTables.map(({ spec }) => spec),
  ]
  const containers = [...new Set(specs.map(({ root }) => root.slice(0, root.indexOf('/'))))]
  expect(names(dev, 'azurerm_storage_container')).toEqual(expect.arrayContaining(containers))
})

test('the app has a plan for itself, and sleeps only where it may', () => {
  for (const { resources } of variants.values()) {
    const { id } = resources.find(({ type }) => type === 'azurerm_service_plan') ?? { id: '' }
    expect(only({ resources }, 'azurerm_service_plan')).toMatchObject({ sku_name: 'FC1', os_type: 'Linux' })
    expect(only({ resources }, 'azurerm_function_app_flex_consumption').service_plan_id).toBe(
      `\${azurerm_service_plan.${id}.id}`,
    )
  }
  expect(only(prod, 'azurerm_function_app_flex_consumption')).toMatchObject({
    maximum_instance_count: 40,
    instance_memory_in_mb: 2048,
    always_ready: [{ name: 'function:ingest', instance_count: 2 }],
  })
  expect(only(dev, 'azurerm_function_app_flex_consumption').always_ready).toBeUndefined()
})

test('the group that is always ready is a function there is', () => {
  const functions = readdirSync(join(root, 'functions')).map((file) =>
    readFileSync(join(root, 'functions', file), 'utf8'),
  )
  expect(functions.some((text) => text.includes("app.eventHub('ingest'"))).toBe(true)
})

test('a production batch waits half a second for a thousand messages, whatever host.json says', () => {
  const host = JSON.parse(readFileSync(join(root, 'host.json'), 'utf8')) as { extensions: { eventHubs: Block } }
  const prefix = 'AzureFunctionsJobHost__extensions__eventHubs__'
  const settings = only(prod, 'azurerm_function_app_flex_consumption').app_settings as Block
  const batching = Object.entries(settings).filter(([name]) => name.startsWith(prefix))
  expect(Object.fromEntries(batching.map(([name, value]) => [name.slice(prefix.length), value]))).toEqual({
    maxEventBatchSize: '1000',
    minEventBatchSize: '1000',
    maxWaitTime: '00:00:00.500',
    targetUnprocessedEventThreshold: '10000',
  })
  // One batch must be at hand while another is worked on.
  expect(host.extensions.eventHubs.prefetchCount).toBeGreaterThanOrEqual(2 * 1000)
})

test('PostgreSQL in production keeps backups elsewhere and a standby in another zone', () => {
  expect(only(prod, 'azurerm_postgresql_flexible_server')).toMatchObject({
    version: '17',
    backup_retention_days: 14,
    geo_redundant_backup_enabled: true,
    high_availability: { mode: 'ZoneRedundant' },
  })
  expect(only(dev, 'azurerm_postgresql_flexible_server').high_availability).toBeUndefined()
})

test('what holds data is not destroyed in production', () => {
  const holding = ['storage_account', 'eventhub_namespace', 'eventhub', 'postgresql_flexible_server']
  const guarded = ({ lifecycle }: Block) => (lifecycle as Block).prevent_destroy
  for (const type of [...holding, 'postgresql_flexible_server_database'].map((name) => `azurerm_${name}`)) {
    expect(all(prod, type).map(guarded)).not.toContain(false)
    expect(all(prod, type).map(guarded)).not.toContain(undefined)
    expect(all(dev, type).map(guarded)).not.toContain(true)
  }
})

const doors = [
  ['azurerm_storage_account.lake_', 'dfs'],
  ['azurerm_storage_account.lake_', 'blob'],
  ['azurerm_storage_account.host-storage_', 'blob'],
  ['azurerm_storage_account.host-storage_', 'table'],
  ['azurerm_eventhub_namespace.', 'namespace'],
  ['azurerm_postgresql_flexible_server.', 'postgresqlServer'],
]

test('in a private network storage, hub and database are closed to the outside, and have a door to the inside', () => {
  for (const type of ['storage_account', 'eventhub_namespace', 'postgresql_flexible_server']) {
    for (const body of all(prod, `azurerm_${type}`)) expect(body.public_network_access_enabled).toBe(false)
  }
  for (const { network_rules } of all(prod, 'azurerm_storage_account')) {
    expect(network_rules).toMatchObject({ default_action: 'Deny' })
  }
  expect(all(prod, 'azurerm_postgresql_flexible_server_firewall_rule')).toEqual([])
  const found = all(prod, 'azurerm_private_endpoint').map(({ private_service_connection }) => {
    const { private_connection_resource_id: target, subresource_names } = private_service_connection as Block
    return [target, ...(subresource_names as string[])]
  })
  expect(found).toHaveLength(doors.length)
  for (const [target = '', subResource] of doors) {
    expect(found).toContainEqual([expect.stringContaining(target), subResource])
  }
  expect(names(prod, 'azurerm_private_dns_zone')).toEqual([
    'privatelink.blob.core.windows.net',
    'privatelink.dfs.core.windows.net',
    'privatelink.postgres.database.azure.com',
    'privatelink.servicebus.windows.net',
    'privatelink.table.core.windows.net',
  ])
  expect(all(prod, 'azurerm_private_dns_zone_virtual_network_link')).toHaveLength(5)
})

test('the app comes from a subnet that is its own, and starts when its doors are there', () => {
  const app = only(prod, 'azurerm_function_app_flex_consumption')
  expect(app.virtual_network_subnet_id).toMatch(/^\$\{azurerm_subnet\.network_subnet-app_/)
  const waits = (app.depends_on as string[]).filter((address) => address.startsWith('azurerm_private_endpoint.'))
  expect(waits).toHaveLength(doors.length)
  const [subnet] = all(prod, 'azurerm_subnet').filter(({ name }) => name === 'app')
  expect(subnet?.delegation).toMatchObject([{ service_delegation: { name: 'Microsoft.App/environments' } }])
})

test('tills that come by internet reach the hub from their addresses only, pages may be kept inside', () => {
  expect(only(mixed, 'azurerm_eventhub_namespace')).toMatchObject({
    public_network_access_enabled: true,
    network_rulesets: [{ default_action: 'Deny', ip_rule: [{ ip_mask: '203.0.113.0/24', action: 'Allow' }] }],
  })
  expect(only(mixed, 'azurerm_function_app_flex_consumption').public_network_access_enabled).toBe(false)
  expect(names(mixed, 'azurerm_private_dns_zone')).toContain('privatelink.azurewebsites.net')
  expect(only(prod, 'azurerm_function_app_flex_consumption').public_network_access_enabled).toBe(true)
})

test('without a network of its own the database takes Azure services and the operators named', () => {
  expect(all(dev, 'azurerm_virtual_network')).toEqual([])
  expect(names(dev, 'azurerm_postgresql_flexible_server_firewall_rule')).toEqual(['azure-services'])
  expect(all(operated, 'azurerm_postgresql_flexible_server_firewall_rule')).toContainEqual(
    expect.objectContaining({
      name: 'operators-0',
      start_ip_address: '${cidrhost("198.51.100.0/24", 0)}',
      end_ip_address: '${cidrhost("198.51.100.0/24", -1)}',
    }),
  )
})

test('code is published by one environment of one repository, without a secret, only where a repository is named', () => {
  expect(only(mixed, 'azurerm_federated_identity_credential')).toMatchObject({
    issuer: 'https://token.actions.githubusercontent.com',
    audience: ['api://AzureADTokenExchange'],
    subject: 'repo:owner/name:environment:prod',
  })
  expect(all(prod, 'azurerm_federated_identity_credential')).toEqual([])
})

test('the budget warns at each step and when the month is expected to exceed it', () => {
  const { amount, notification, lifecycle } = only(prod, 'azurerm_consumption_budget_resource_group')
  expect(amount).toBe(3000)
  const steps = (notification as Block[]).map((step) => [step.threshold, step.threshold_type, step.contact_emails])
  const to = ['${var.alert_email}']
  expect(steps).toEqual([
    [50, 'Actual', to],
    [80, 'Actual', to],
    [100, 'Actual', to],
    [100, 'Forecasted', to],
  ])
  expect(lifecycle).toMatchObject({ ignore_changes: ['time_period'] })
})

test('logs are capped, and Application Insights writes to the same workspace', () => {
  expect(only(prod, 'azurerm_log_analytics_workspace')).toMatchObject({ daily_quota_gb: 5, retention_in_days: 90 })
  expect(only(prod, 'azurerm_application_insights').workspace_id).toMatch(/^\$\{azurerm_log_analytics_workspace\./)
})

test('bindings are imported one by one: the whole package takes seconds and half a gigabyte', () => {
  const folder = join(root, 'infra')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const sources = files.map((file) => readFileSync(join(folder, file), 'utf8'))
  expect(sources.filter((text) => /from '@cdktf\/provider-azurerm'/.test(text))).toEqual([])
})
