import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone'
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link'
import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint'
import { Subnet } from '@cdktf/provider-azurerm/lib/subnet'
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network'
import { Construct } from 'constructs'
import { type AzurermMajor } from '../azurerm'
import { type Config } from '../config'
import { type Names, type Place } from '../naming'

/** Sub-resource of a service → the zone in which its name resolves to an address of the network. */
const zones = {
  blob: 'privatelink.blob.core.windows.net',
  dfs: 'privatelink.dfs.core.windows.net',
  table: 'privatelink.table.core.windows.net',
  namespace: 'privatelink.servicebus.windows.net',
  postgresqlServer: 'privatelink.postgres.database.azure.com',
  sites: 'privatelink.azurewebsites.net',
} as const

type SubResource = keyof typeof zones

/** A way in for the network: which service, and which of its doors. */
export interface Door {
  readonly name: string
  readonly targetId: string
  readonly subResource: SubResource
}

type PrivateNetwork = Extract<Config['network'], { kind: 'private' }>

interface NetworkOptions {
  readonly place: Place
  readonly names: Names
  readonly network: PrivateNetwork
  readonly azurerm: AzurermMajor
}

/** The virtual network: a subnet the app's instances come from, and one with an endpoint for each service's door. */
export class Network extends Construct {
  readonly network: VirtualNetwork
  readonly appSubnet: Subnet
  readonly #place: Place
  readonly #azurerm: AzurermMajor
  readonly #endpointSubnet: Subnet
  readonly #zones = new Map<SubResource, PrivateDnsZone>()

  constructor(scope: Construct, id: string, { place, names, network, azurerm }: NetworkOptions) {
    super(scope, id)
    this.#place = place
    this.#azurerm = azurerm
    this.network = new VirtualNetwork(this, 'network', {
      ...place,
      name: names.network,
      addressSpace: [network.addressSpace],
    })
    const where = { resourceGroupName: place.resourceGroupName, virtualNetworkName: this.network.name }
    this.appSubnet = new Subnet(this, 'subnet-app', {
      ...where,
      name: 'app',
      addressPrefixes: [network.appSubnet],
      // Telemetry leaves through it: Azure Monitor has no door here.
      defaultOutboundAccessEnabled: true,
      delegation: [
        {
          name: 'flex-consumption',
          serviceDelegation: {
            name: 'Microsoft.App/environments',
            actions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
          },
        },
      ],
    })
    this.#endpointSubnet = new Subnet(this, 'subnet-endpoints', {
      ...where,
      name: 'endpoints',
      addressPrefixes: [network.endpointSubnet],
      // The two subnets of a network are changed one after the other.
      dependsOn: [this.appSubnet],
    })
  }

  /** Gives a service an address in the network, and the network the service's name. */
  connect({ name, targetId, subResource }: Door): PrivateEndpoint {
    const zone = this.#zones.get(subResource) ?? this.#createZone(subResource)
    return new PrivateEndpoint(this, `door-${name}`, {
      ...this.#place,
      name: `pe-${name}`,
      subnetId: this.#endpointSubnet.id,
      privateServiceConnection: {
        name,
        isManualConnection: false,
        privateConnectionResourceId: targetId,
        subresourceNames: [subResource],
      },
      privateDnsZoneGroup: { name: 'default', privateDnsZoneIds: [zone.id] },
    })
  }

  #createZone(subResource: SubResource): PrivateDnsZone {
    const { resourceGroupName, tags } = this.#place
    const zone = new PrivateDnsZone(this, `zone-${subResource}`, { name: zones[subResource], resourceGroupName, tags })
    const link = new PrivateDnsZoneVirtualNetworkLink(this, `link-${subResource}`, {
      name: 'network',
      resourceGroupName,
      tags,
      privateDnsZoneName: zone.name,
      virtualNetworkId: this.network.id,
    })
    if (this.#azurerm === 5) {
      link.addOverride('private_dns_zone_id', zone.id)
      for (const gone of ['private_dns_zone_name', 'resource_group_name']) link.addOverride(gone, undefined)
    }
    this.#zones.set(subResource, zone)
    return zone
  }
}
