import { DataAzurermClientConfig } from '@cdktf/provider-azurerm/lib/data-azurerm-client-config'
import { AzurermProvider } from '@cdktf/provider-azurerm/lib/provider'
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group'
import { AzurermBackend, Fn, TerraformLocal, TerraformOutput, TerraformStack } from 'cdktf'
import { type Construct } from 'constructs'
import { azurermMajor, type AzurermMajor, azurermVersions } from './azurerm'
import { checkConfig } from './check-config'
import { type Config } from './config'
import { Alerts } from './constructs/alerts'
import { App } from './constructs/app'
import { Budget } from './constructs/budget'
import { Diagnostics } from './constructs/diagnostics'
import { HostStorage } from './constructs/host-storage'
import { Hub } from './constructs/hub'
import { Identity } from './constructs/identity'
import { Keyless } from './constructs/keyless'
import { Lake } from './constructs/lake'
import { Logs } from './constructs/logs'
import { Network } from './constructs/network'
import { Observability } from './constructs/observability'
import { Publisher } from './constructs/publisher'
import { Warehouse } from './constructs/warehouse'
import { readInputs } from './inputs'
import { type Monitored } from './monitored'
import { consumerGroup, hubs, type Names, namesOf, type Place } from './naming'
import { doors, grants, isHttpPrivate, locations, observed, type Parts } from './wiring'

/** Resource providers beyond those azurerm calls core; Microsoft.App runs Flex Consumption in a network. */
const resourceProviders = [
  'Microsoft.App',
  'Microsoft.AlertsManagement',
  'Microsoft.DBforPostgreSQL',
  'Microsoft.EventHub',
  'Microsoft.OperationalInsights',
  'Microsoft.Web',
  'microsoft.insights',
]

export interface StackOptions {
  readonly config: Config
  /** Storage account that holds the state of Terraform, made by `bootstrap.sh`. */
  readonly stateAccount: string
  /** Major version of azurerm to write arguments for; `azurermMajor` unless given. */
  readonly azurerm?: AzurermMajor
}

/** Everything of one environment, in one resource group. */
export class TillstreamStack extends TerraformStack {
  constructor(scope: Construct, id: string, { config, stateAccount, azurerm = azurermMajor }: StackOptions) {
    super(scope, id)
    checkConfig(config)
    this.#useAzure(config, { stateAccount, azurerm })
    const { subscriptionId, tenantId } = new DataAzurermClientConfig(this, 'client')
    // Stable for a subscription: a name that changed would make Terraform replace the resource.
    const suffix = new TerraformLocal(this, 'suffix', Fn.substr(Fn.sha256(subscriptionId), 0, 6))
    const names = namesOf(config.name, suffix.asString)
    const tags = { application: 'tillstream', environment: config.name }
    const group = new ResourceGroup(this, 'group', { name: names.resourceGroup, location: config.region, tags })
    const place: Place = { resourceGroupName: group.name, location: group.location, tags }
    const { alertEmail, ...administrator } = readInputs(this)

    const given = { place, names, config, azurerm }
    const parts: Parts = {
      lake: new Lake(this, 'lake', given),
      hostStorage: new HostStorage(this, 'host-storage', given),
      hub: new Hub(this, 'hub', given),
      warehouse: new Warehouse(this, 'warehouse', { ...given, administrator: { ...administrator, tenantId } }),
      logs: new Logs(this, 'logs', given),
    }
    const identity = new Identity(this, 'identity', given)
    const network = this.#openNetwork(given, parts)
    const app = new App(this, 'app', {
      ...given,
      identity: identity.identity,
      hostStorage: parts.hostStorage,
      applicationInsights: parts.logs.applicationInsights,
      settings: locations(parts, identity),
      subnetId: network?.network.appSubnet.id,
      needs: [...identity.assign(grants(parts)), parts.hub.consumerGroup, ...(network?.endpoints ?? [])],
    })
    new Keyless(this, 'keyless', { app: app.app, resourceGroupName: group.name, subscriptionId })
    if (network && isHttpPrivate(config)) {
      network.network.connect({ name: 'app', targetId: app.app.id, subResource: 'sites' })
    }
    const all = { ...parts, app, network: network?.network }
    new Diagnostics(this, 'diagnostics', { workspaceId: parts.logs.workspace.id, observed: observed(all) })
    new Budget(this, 'budget', { names, config, resourceGroupId: group.id, alertEmail })
    if (config.repository !== undefined) this.#letPublish(given, { repository: config.repository, app })
    this.#tell(parts, { group, app, identity, administrator: administrator.name })
    const monitored = monitoredOf(parts, { group, app, tags, alertEmail })
    new Observability(this, 'observability', monitored)
    new Alerts(this, 'alerts', { monitored, config })
  }

  #useAzure({ name }: Config, { stateAccount, azurerm }: { stateAccount: string; azurerm: AzurermMajor }): void {
    new AzurermBackend(this, {
      storageAccountName: stateAccount,
      containerName: 'tfstate',
      key: `tillstream-${name}.tfstate`,
      useAzureadAuth: true,
    })
    new AzurermProvider(this, 'azure', {
      features: [
        {
          resourceGroup: [{ preventDeletionIfContainsResources: true }],
          // Alerts are declared; the rule the service would add beside them is not.
          applicationInsights: [{ disableGeneratedRule: true }],
          // Containers are made through ARM: whoever deploys needs no role on the data and no way into the network.
          storage: [{ dataPlaneAvailable: false }],
        },
      ],
      storageUseAzuread: true,
      resourceProviderRegistrations: 'core',
      resourceProvidersToRegister: resourceProviders,
    })
    this.addOverride('terraform.required_providers.azurerm.version', azurermVersions[azurerm])
    this.addOverride('terraform.required_version', '>= 1.9')
  }

  #openNetwork(given: Given, parts: Parts) {
    const { network: wanted } = given.config
    if (wanted.kind === 'public') return undefined
    const network = new Network(this, 'network', { ...given, network: wanted })
    return { network, endpoints: doors(parts).map((door) => network.connect(door)) }
  }

  #letPublish(given: Given, to: { repository: string; app: App }): void {
    const { identity } = new Publisher(this, 'publisher', {
      ...given,
      repository: to.repository,
      environment: given.config.name,
      functionAppId: to.app.app.id,
    })
    new TerraformOutput(this, 'publisher_client_id', { value: identity.clientId })
  }

  /** What the steps after Terraform ask for: the app's role, migrations, the code, the smoke test. */
  #tell(
    { lake, hub, warehouse }: Parts,
    told: { group: ResourceGroup; app: App; identity: Identity; administrator: string },
  ): void {
    const { identity } = told.identity
    const outputs = {
      resource_group: told.group.name,
      function_app: told.app.app.name,
      function_app_host: told.app.app.defaultHostname,
      hub_namespace: `${hub.namespace.name}.servicebus.windows.net`,
      lake_url: `https://${lake.account.name}.dfs.core.windows.net`,
      postgres_host: warehouse.server.fqdn,
      postgres_administrator: told.administrator,
      app_role: identity.name,
      app_object_id: identity.principalId,
    }
    for (const [name, value] of Object.entries(outputs)) new TerraformOutput(this, name, { value })
  }
}

/** What the constructs are told of the environment. */
interface Given {
  readonly place: Place
  readonly names: Names
  readonly config: Config
  readonly azurerm: AzurermMajor
}

interface Rest {
  readonly group: ResourceGroup
  readonly app: App
  readonly tags: Place['tags']
  readonly alertEmail: string
}

function monitoredOf({ lake, hostStorage, hub, warehouse, logs }: Parts, rest: Rest): Monitored {
  const { group, app, tags, alertEmail } = rest
  const resource = ({ id, name }: { id: string; name: string }) => ({ id, name })
  return {
    resourceGroup: { ...resource(group), location: group.location },
    tags,
    alertEmail,
    workspace: resource(logs.workspace),
    applicationInsights: {
      ...resource(logs.applicationInsights),
      connectionString: logs.applicationInsights.connectionString,
    },
    hubNamespace: resource(hub.namespace),
    hubs,
    consumerGroup,
    functionApp: resource(app.app),
    servicePlan: resource(app.plan),
    lake: resource(lake.account),
    hostStorage: resource(hostStorage.account),
    postgres: resource(warehouse.server),
  }
}
