import { type SettingName, settings } from '../../src/config/settings'
import { all, type Block, only, texts, variants } from './synthesized'

/*
 * What must hold of anything this repository deploys, read from the JSON that Terraform is given. The lists are
 * written out here and not taken from infra/: what is added there has to be allowed here as well.
 */

const each = [...variants].map(([name, variant]) => ({ name, ...variant }))

/** Attributes that hold whatever the environment. */
const always: Readonly<Record<string, Block>> = {
  azurerm_storage_account: {
    shared_access_key_enabled: false,
    default_to_oauth_authentication: true,
    allow_nested_items_to_be_public: false,
    cross_tenant_replication_enabled: false,
    local_user_enabled: false,
    https_traffic_only_enabled: true,
    min_tls_version: 'TLS1_2',
  },
  azurerm_storage_container: { container_access_type: 'private' },
  azurerm_eventhub_namespace: { local_authentication_enabled: false, minimum_tls_version: '1.2' },
  azurerm_postgresql_flexible_server: {
    authentication: {
      active_directory_auth_enabled: true,
      password_auth_enabled: false,
      tenant_id: '${data.azurerm_client_config.client.tenant_id}',
    },
  },
  azurerm_postgresql_flexible_server_configuration: { name: 'ssl_min_protocol_version', value: 'TLSv1.2' },
  azurerm_log_analytics_workspace: { local_authentication_enabled: false },
  azurerm_application_insights: { local_authentication_enabled: false },
  azurerm_function_app_flex_consumption: {
    https_only: true,
    webdeploy_publish_basic_authentication_enabled: false,
    storage_authentication_type: 'UserAssignedIdentity',
    runtime_name: 'node',
    runtime_version: '22',
  },
}

test.each(each)('$name: TLS 1.2, no keys, no passwords, no anonymous access', (variant) => {
  for (const [type, attributes] of Object.entries(always)) {
    const found = all(variant, type)
    expect({ type, count: found.length }).not.toEqual({ type, count: 0 })
    for (const body of found) expect({ type, ...body }).toMatchObject({ type, ...attributes })
  }
  for (const { site_config } of all(variant, 'azurerm_function_app_flex_consumption')) {
    expect(site_config).toMatchObject({ minimum_tls_version: '1.2', scm_minimum_tls_version: '1.2' })
  }
})

/** Texts that open something. */
const secrets = [
  /(AccountKey|SharedAccessKey|SharedAccessSignature|sig|password|pwd|client_secret)\s*=/i,
  /Endpoint=sb:/i,
  /DefaultEndpointsProtocol/i,
  /-----BEGIN/,
  /\beyJ[\w-]{10,}\./,
  // Keys of storage, Event Hubs and Entra as they come: base64 of 32 or 64 bytes, 40 characters with a tilde.
  /(?<![\w+/])[\w+/]{43}=(?!=)/,
  /(?<![\w+/])[\w+/]{86}==/,
  /[\w.-]{3}8Q~[\w~.-]{30,}/,
]

/** References to attributes that hold a secret of the resource. */
const secretAttribute =
  /\.(\w*(access_key|primary_key|secondary_key|shared_key|connection_string|instrumentation_key|password|secret|sas|credential)\w*)\b/

function leaks(json: Block): readonly string[] {
  return [...texts(json)].flatMap(({ path, text }) => {
    const byValue = secrets.filter((secret) => secret.test(text)).map((secret) => `${path}: ${String(secret)}`)
    const reference = [...text.matchAll(/\$\{[^}]*\}/g)].map(([inner]) => secretAttribute.exec(inner)?.[1])
    const byReference = reference.filter((name) => name !== undefined).map((name) => `${path}: ${name}`)
    return [...byValue, ...byReference]
  })
}

test.each(each)('$name: no secret, by value or by reference', ({ json }) => {
  // This one names an instrument and opens nothing, for local authentication is off; Entra decides who writes.
  const allowed = /application_insights_connection_string: connection_string$/
  expect(leaks(json).filter((leak) => !allowed.test(leak))).toEqual([])
})

test('a secret is found', () => {
  const key = `${'A'.repeat(86)}==`
  expect(leaks({ a: [{ b: key }] })).toHaveLength(1)
  expect(leaks({ a: 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=y' })).toHaveLength(2)
  expect(leaks({ a: 'x ${azurerm_storage_account.x.primary_access_key}' })).toEqual(['a: primary_access_key'])
})

/** What may not be set on Flex Consumption, and what the host would prefer to the identity. */
const denied = [
  'AzureWebJobsStorage',
  'AzureWebJobsDashboard',
  'EventHubConnection',
  'DEPLOYMENT_STORAGE_CONNECTION_STRING',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'FUNCTIONS_EXTENSION_VERSION',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_CONTENTOVERVNET',
  'WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'ENABLE_ORYX_BUILD',
  'WEBSITE_VNET_ROUTE_ALL',
  'WEBSITE_TIME_ZONE',
  'TZ',
  'WEBSITE_LOAD_CERTIFICATES',
  // Set by the provider from site_config; twice is a change in every plan.
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
]

/** Settings of the host that are documented and needed. */
const ofHost = [
  'AzureWebJobsDisableHomepage',
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'EventHubConnection__credential',
  'EventHubConnection__clientId',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'AzureFunctionsJobHost__extensions__eventHubs__maxEventBatchSize',
  'AzureFunctionsJobHost__extensions__eventHubs__minEventBatchSize',
  'AzureFunctionsJobHost__extensions__eventHubs__maxWaitTime',
  'AzureFunctionsJobHost__extensions__eventHubs__targetUnprocessedEventThreshold',
]

test.each(each)('$name: every setting the app reads is set, and none that neither app nor host knows', (variant) => {
  const names = Object.keys(only(variant, 'azurerm_function_app_flex_consumption').app_settings as Block)
  const known = Object.entries(settings) as [SettingName, { kind: string; optional?: true }][]
  const needed = known.filter(([, { optional }]) => !optional).map(([name]) => name)
  expect(names).toEqual(expect.arrayContaining([...needed, ...ofHost]))
  // Reached by identity: the optional two that say so.
  expect(names).toEqual(
    expect.arrayContaining(['EventHubConnection__fullyQualifiedNamespace', 'AZURE_CLIENT_ID', 'POSTGRES_USER']),
  )
  const open = known.filter(([, { kind }]) => kind !== 'secret').map(([name]) => name)
  expect(names.filter((name) => ![...open, ...ofHost].includes(name))).toEqual([])
  expect(names.filter((name) => denied.includes(name))).toEqual([])
})

test.each(each)('$name: the app is told of what the stack makes, and of its own identity', (variant) => {
  const value = only(variant, 'azurerm_function_app_flex_consumption').app_settings as Readonly<Record<string, string>>
  expect(value.EventHubConnection__fullyQualifiedNamespace).toMatch(
    /^\$\{azurerm_eventhub_namespace\.\w+\.name\}\.servicebus\.windows\.net$/,
  )
  expect(all(variant, 'azurerm_eventhub').map(({ name }) => name)).toContain(value.EVENT_HUB_NAME)
  expect(only(variant, 'azurerm_eventhub_consumer_group').name).toBe(value.EVENT_HUB_CONSUMER_GROUP)
  expect(value.LAKE_URL).toMatch(/^https:\/\/\$\{azurerm_storage_account\.lake_\w+\.name\}\.dfs\.core\.windows\.net$/)
  expect(value.AzureWebJobsStorage__accountName).toMatch(/^\$\{azurerm_storage_account\.host-storage_\w+\.name\}$/)
  expect(value.POSTGRES_HOST).toMatch(/^\$\{azurerm_postgresql_flexible_server\.\w+\.fqdn\}$/)
  expect(only(variant, 'azurerm_postgresql_flexible_server_database').name).toBe(value.POSTGRES_DATABASE)
  const own = { POSTGRES_USER: 'name', AZURE_CLIENT_ID: 'client_id', AzureWebJobsStorage__clientId: 'client_id' }
  for (const [name, attribute] of Object.entries({ ...own, EventHubConnection__clientId: 'client_id' })) {
    expect(`${name}=${value[name] ?? ''}`).toMatch(
      new RegExp(`^${name}=\\$\\{azurerm_user_assigned_identity\\.identity_\\w+\\.${attribute}\\}$`),
    )
  }
})

/** Roles, and the kinds of resources they may be given on: never the resource group or the subscription. */
const roles: Readonly<Record<string, RegExp>> = {
  'Azure Event Hubs Data Receiver': /^\$\{azurerm_eventhub\.\w+\.id\}$/,
  'Azure Event Hubs Data Sender': /^\$\{azurerm_eventhub\.\w+\.id\}$/,
  'Storage Blob Data Owner': /^\$\{azurerm_storage_account\.host-storage_\w+\.id\}$/,
  'Storage Table Data Contributor': /^\$\{azurerm_storage_account\.host-storage_\w+\.id\}$/,
  'Storage Blob Data Contributor': /^\$\{azurerm_storage_container\.lake_\w+\.id\}$/,
  'Monitoring Metrics Publisher': /^\$\{azurerm_application_insights\.[\w-]+\.id\}$/,
  'Website Contributor': /^\$\{azurerm_function_app_flex_consumption\.\w+\.id\}$/,
}

test.each(each)('$name: roles are from the list, on what they are for', (variant) => {
  const assigned = all(variant, 'azurerm_role_assignment')
  expect(assigned.length).toBeGreaterThan(0)
  for (const { role_definition_name, scope, principal_type } of assigned) {
    expect(Object.keys(roles)).toContain(role_definition_name)
    expect(scope).toMatch(roles[role_definition_name as string] ?? /never/)
    expect(principal_type).toBe('ServicePrincipal')
  }
})

/** What the app cannot work without; it waits for these roles before it is made. */
test.each(each)(
  '$name: the app may read and write each container of the lake, its hubs and its own storage',
  (variant) => {
    const { json } = variant
    const given = all(variant, 'azurerm_role_assignment').map(
      ({ role_definition_name, scope }) => `${role_definition_name as string} on ${named(json, scope as string)}`,
    )
    expect(given).toEqual(
      expect.arrayContaining([
        'Azure Event Hubs Data Receiver on retail-events',
        'Azure Event Hubs Data Sender on retail-events',
        'Azure Event Hubs Data Sender on stock-alerts',
        ...['bronze', 'silver', 'gold', 'checkpoints'].map((name) => `Storage Blob Data Contributor on ${name}`),
      ]),
    )
    const { depends_on } = only(variant, 'azurerm_function_app_flex_consumption')
    const waits = (depends_on as string[]).filter((address) => address.startsWith('azurerm_role_assignment.identity_'))
    const ofApp = variant.resources.filter(
      ({ type, id }) => type === 'azurerm_role_assignment' && id.startsWith('identity_'),
    )
    expect(waits).toHaveLength(ofApp.length)
  },
)

/** Name of the resource whose id a reference is. */
function named(json: Block, reference: string): string {
  const [type = '', id = ''] = reference.slice(2, -1).split('.')
  return String((json.resource as Record<string, Record<string, Block>>)[type]?.[id]?.name)
}

/** Type → the longest and the allowed characters of a name, and where it has to be unique. */
const limits: Readonly<Record<string, RegExp>> = {
  azurerm_resource_group: /^[\w.()-]{1,89}[\w()-]$/,
  azurerm_storage_account: /^[a-z0-9]{3,24}$/,
  azurerm_storage_container: /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/,
  azurerm_eventhub_namespace: /^[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]$/,
  azurerm_eventhub: /^[a-zA-Z0-9][\w.-]{0,255}$/,
  azurerm_eventhub_consumer_group: /^[a-zA-Z0-9][\w.-]{0,49}$/,
  azurerm_service_plan: /^[a-zA-Z0-9-]{1,60}$/,
  // The host takes its id from the first 32 characters.
  azurerm_function_app_flex_consumption: /^[a-z0-9][a-z0-9-]{0,30}[a-z0-9]$/,
  azurerm_postgresql_flexible_server: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/,
  azurerm_postgresql_flexible_server_database: /^[a-z][a-z0-9_]{0,62}$/,
  azurerm_user_assigned_identity: /^[a-zA-Z0-9][\w-]{2,62}$/,
  azurerm_log_analytics_workspace: /^[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]$/,
  azurerm_application_insights: /^[^%&\\?/]{1,259}[^%&\\?/. ]$/,
  azurerm_virtual_network: /^[a-zA-Z0-9][\w.-]{0,62}\w$/,
  azurerm_subnet: /^[a-zA-Z0-9][\w.-]{0,78}\w$/,
  azurerm_private_endpoint: /^[a-zA-Z0-9][\w.-]{0,62}\w$/,
  azurerm_consumption_budget_resource_group: /^[\w-]{1,63}$/,
  azurerm_federated_identity_credential: /^[a-zA-Z0-9][\w-]{2,119}$/,
  azurerm_monitor_diagnostic_setting: /^(?!service$)[^<>*%&:\\?+/]{1,260}$/,
}

test.each(each)(
  '$name: names fit the services, and those all of Azure shares end in the suffix',
  ({ resources, json }) => {
    expect(json.locals).toEqual({
      suffix: '${substr(sha256(data.azurerm_client_config.client.subscription_id), 0, 6)}',
    })
    for (const { type, body } of resources) {
      const limit = limits[type]
      if (limit) expect((body.name as string).replace('${local.suffix}', 'abc123')).toMatch(limit)
    }
    const shared = [
      'storage_account',
      'eventhub_namespace',
      'function_app_flex_consumption',
      'postgresql_flexible_server',
    ]
    for (const type of shared.map((name) => `azurerm_${name}`)) {
      for (const { name } of all({ resources }, type)) expect(name).toMatch(/\$\{local\.suffix\}$/)
    }
  },
)

test.each(each)(
  '$name: nothing is left unresolved, and every reference has something to refer to',
  ({ json, text }) => {
    expect(text).not.toMatch(/tftoken/i)
    const declared = new Set<string>()
    for (const [type, byId] of Object.entries(json.resource as Block)) {
      for (const id of Object.keys(byId as Block)) declared.add(`${type}.${id}`)
    }
    for (const id of Object.keys(json.variable as Block)) declared.add(`var.${id}`)
    const references = [...texts(json)].flatMap(({ text: value }) =>
      [...value.matchAll(/(?<!\$)\$\{([^}]*)\}/g)].flatMap(([, inner = '']) => [
        ...inner.matchAll(/\b(azurerm_\w+\.[\w-]+|var\.\w+)/g),
      ]),
    )
    const dangling = references.map(([, name = '']) => name).filter((name) => !declared.has(name))
    expect(dangling.filter((name) => !name.startsWith('azurerm_client_config.client'))).toEqual([])
    expect(references.length).toBeGreaterThan(50)
  },
)

test.each(each)('$name: azurerm stays below 5, state is kept in storage by identity', ({ json, config }) => {
  const terraform = json.terraform as Block
  expect(terraform.required_providers).toEqual({ azurerm: { source: 'azurerm', version: '~> 4.81' } })
  expect(terraform.backend).toEqual({
    azurerm: {
      storage_account_name: 'state',
      container_name: 'tfstate',
      key: `tillstream-${config.name}.tfstate`,
      use_azuread_auth: true,
    },
  })
})
