import { type ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights'
import { FunctionAppFlexConsumption } from '@cdktf/provider-azurerm/lib/function-app-flex-consumption'
import { ServicePlan } from '@cdktf/provider-azurerm/lib/service-plan'
import { type UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity'
import { type ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { appSettings, hostSettings, type Given } from '../app-settings'
import { type Config } from '../config'
import { type Names, type Place } from '../naming'
import { type HostStorage } from './host-storage'

export interface AppOptions {
  readonly place: Place
  readonly names: Names
  readonly config: Config
  readonly identity: UserAssignedIdentity
  readonly hostStorage: HostStorage
  readonly applicationInsights: ApplicationInsights
  /** Where the app finds what it works with. */
  readonly settings: Given
  readonly subnetId: string | undefined
  /** Roles and network doors without which it would start in vain. */
  readonly needs: readonly ITerraformDependable[]
}

/** The function app, on a plan of its own: Flex Consumption takes one app per plan. */
export class App extends Construct {
  readonly plan: ServicePlan
  readonly app: FunctionAppFlexConsumption

  constructor(scope: Construct, id: string, options: AppOptions) {
    super(scope, id)
    const { place, names } = options
    this.plan = new ServicePlan(this, 'plan', { ...place, name: names.servicePlan, osType: 'Linux', skuName: 'FC1' })
    this.app = this.#createApp(options)
  }

  #createApp(options: AppOptions): FunctionAppFlexConsumption {
    const { place, names, config, identity, hostStorage, applicationInsights, subnetId, needs } = options
    const { memoryMb, maximumInstances, alwaysReady, batch } = config.app
    const host = { storageAccount: hostStorage.account.name, clientId: identity.clientId, batch }
    return new FunctionAppFlexConsumption(this, 'app', {
      ...place,
      name: names.functionApp,
      servicePlanId: this.plan.id,
      runtimeName: 'node',
      runtimeVersion: '22',
      storageContainerType: 'blobContainer',
      storageContainerEndpoint: `${hostStorage.account.primaryBlobEndpoint}${hostStorage.packages.name}`,
      storageAuthenticationType: 'UserAssignedIdentity',
      storageUserAssignedIdentityId: identity.id,
      identity: { type: 'UserAssigned', identityIds: [identity.id] },
      instanceMemoryInMb: memoryMb,
      maximumInstanceCount: maximumInstances,
      ...(alwaysReady > 0 ? { alwaysReady: [{ name: 'function:ingest', instanceCount: alwaysReady }] } : {}),
      httpsOnly: true,
      webdeployPublishBasicAuthenticationEnabled: false,
      publicNetworkAccessEnabled: config.network.kind === 'public' || config.network.http === 'public',
      ...(subnetId === undefined ? {} : { virtualNetworkSubnetId: subnetId }),
      siteConfig: {
        applicationInsightsConnectionString: applicationInsights.connectionString,
        minimumTlsVersion: '1.2',
        scmMinimumTlsVersion: '1.2',
        http2Enabled: true,
      },
      appSettings: { ...appSettings({ ...options.settings, ...config.settings }), ...hostSettings(host) },
      dependsOn: [...needs],
    })
  }
}
