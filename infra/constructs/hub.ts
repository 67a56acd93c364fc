import { Eventhub } from '@cdktf/provider-azurerm/lib/eventhub'
import { EventhubConsumerGroup } from '@cdktf/provider-azurerm/lib/eventhub-consumer-group'
import { EventhubNamespace, type EventhubNamespaceConfig } from '@cdktf/provider-azurerm/lib/eventhub-namespace'
import { Construct } from 'constructs'
import { type Config } from '../config'
import { consumerGroup, hubs, type Names, type Place } from '../naming'

/** What the outside reaches: everybody with a role, only the tills' addresses, or nobody. */
function access(network: Config['network']): Partial<EventhubNamespaceConfig> {
  if (network.kind === 'public') return { publicNetworkAccessEnabled: true }
  if (network.tillRanges.length === 0) return { publicNetworkAccessEnabled: false }
  const ipRule = network.tillRanges.map((ipMask) => ({ ipMask, action: 'Allow' }))
  const rules = { defaultAction: 'Deny', publicNetworkAccessEnabled: true, trustedServiceAccessEnabled: true, ipRule }
  return { publicNetworkAccessEnabled: true, networkRulesets: [rules] }
}

/** The Event Hubs namespace: the hub the tills send to, the hub of stock-out alerts, the consumer group of `ingest`. */
export class Hub extends Construct {
  readonly namespace: EventhubNamespace
  readonly events: Eventhub
  readonly alerts: Eventhub
  readonly consumerGroup: EventhubConsumerGroup

  constructor(scope: Construct, id: string, { place, names, config }: { place: Place; names: Names; config: Config }) {
    super(scope, id)
    const { hub, network } = config
    const lifecycle = { preventDestroy: config.destroy === 'prevented' }
    const inflates = hub.sku === 'Standard' && hub.maximumUnits > hub.units
    this.namespace = new EventhubNamespace(this, 'namespace', {
      ...place,
      name: names.hubNamespace,
      sku: hub.sku,
      capacity: hub.units,
      autoInflateEnabled: inflates,
      ...(inflates ? { maximumThroughputUnits: hub.maximumUnits } : {}),
      localAuthenticationEnabled: false,
      minimumTlsVersion: '1.2',
      ...access(network),
      // Auto-inflate only raises capacity, and the next deployment must not lower it again.
      lifecycle: { ...lifecycle, ignoreChanges: inflates ? ['capacity'] : [] },
    })
    const common = { namespaceId: this.namespace.id, messageRetention: hub.retentionDays, lifecycle }
    this.events = new Eventhub(this, 'events', { ...common, name: hubs.events, partitionCount: hub.partitions })
    this.alerts = new Eventhub(this, 'alerts', { ...common, name: hubs.alerts, partitionCount: hub.alertPartitions })
    // Gaps are read back through $Default, which every hub has: the host owns its partitions in this group.
    this.consumerGroup = new EventhubConsumerGroup(this, 'consumer-group', {
      name: consumerGroup,
      eventhubName: this.events.name,
      namespaceName: this.namespace.name,
      resourceGroupName: place.resourceGroupName,
    })
  }
}
