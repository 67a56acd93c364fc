import { type Config } from './config'
import { type App } from './constructs/app'
import { type Observed } from './constructs/diagnostics'
import { type HostStorage } from './constructs/host-storage'
import { type Hub } from './constructs/hub'
import { type Grant, type Identity } from './constructs/identity'
import { type Lake } from './constructs/lake'
import { type Logs } from './constructs/logs'
import { type Door, type Network } from './constructs/network'
import { type Warehouse } from './constructs/warehouse'
import { type Given } from './app-settings'
import { consumerGroup, database, hubs } from './naming'

/** What holds data, and what watches it. */
export interface Parts {
  readonly lake: Lake
  readonly hostStorage: HostStorage
  readonly hub: Hub
  readonly warehouse: Warehouse
  readonly logs: Logs
}

/** What the app may do. Sending to its own hub is the pulse's; PostgreSQL has its own grants, in SQL. */
export function grants({ lake, hostStorage, hub, logs }: Parts): readonly Grant[] {
  return [
    { name: 'receive-events', role: 'receiveEvents', scope: hub.events.id },
    { name: 'send-pulses', role: 'sendEvents', scope: hub.events.id },
    { name: 'send-alerts', role: 'sendEvents', scope: hub.alerts.id },
    { name: 'host-blobs', role: 'ownBlobs', scope: hostStorage.account.id },
    { name: 'host-tables', role: 'writeTables', scope: hostStorage.account.id },
    ...lake.containers.map(({ id, nameInput }): Grant => ({
      name: `write-${nameInput}`,
      role: 'writeBlobs',
      scope: id,
    })),
    { name: 'telemetry', role: 'publishMetrics', scope: logs.applicationInsights.id },
  ]
}

/** Doors of the services into a private network. The app's own comes later, when the app is there. */
export function doors({ lake, hostStorage, hub, warehouse }: Parts): readonly Door[] {
  return [
    // The lake speaks DFS; DuckDB and others read the same files as blobs.
    { name: 'lake-dfs', targetId: lake.account.id, subResource: 'dfs' },
    { name: 'lake-blob', targetId: lake.account.id, subResource: 'blob' },
    { name: 'host-blob', targetId: hostStorage.account.id, subResource: 'blob' },
    { name: 'host-table', targetId: hostStorage.account.id, subResource: 'table' },
    { name: 'hub', targetId: hub.namespace.id, subResource: 'namespace' },
    { name: 'postgres', targetId: warehouse.server.id, subResource: 'postgresqlServer' },
  ]
}

/** Where the app finds what it works with. */
export function locations({ lake, hub, warehouse }: Parts, { identity }: Identity): Given {
  return {
    EventHubConnection__fullyQualifiedNamespace: `${hub.namespace.name}.servicebus.windows.net`,
    AZURE_CLIENT_ID: identity.clientId,
    EVENT_HUB_NAME: hubs.events,
    EVENT_HUB_CONSUMER_GROUP: consumerGroup,
    LAKE_URL: `https://${lake.account.name}.dfs.core.windows.net`,
    POSTGRES_HOST: warehouse.server.fqdn,
    POSTGRES_DATABASE: database,
    POSTGRES_USER: identity.name,
  }
}

interface Everything extends Parts {
  readonly app: App
  readonly network: Network | undefined
}

/** Every resource that can tell something. */
export function observed({ lake, hostStorage, hub, warehouse, logs, app, network }: Everything): readonly Observed[] {
  return [
    { name: 'hub', kind: 'eventHubs', id: hub.namespace.id },
    { name: 'lake', kind: 'storageAccount', id: lake.account.id },
    { name: 'lake-blobs', kind: 'blobService', id: `${lake.account.id}/blobServices/default` },
    { name: 'host-storage', kind: 'storageAccount', id: hostStorage.account.id },
    { name: 'host-blobs', kind: 'blobService', id: `${hostStorage.account.id}/blobServices/default` },
    { name: 'postgres', kind: 'postgres', id: warehouse.server.id },
    { name: 'app', kind: 'functionApp', id: app.app.id },
    { name: 'plan', kind: 'servicePlan', id: app.plan.id },
    { name: 'workspace', kind: 'workspace', id: logs.workspace.id },
    ...(network ? [{ name: 'network', kind: 'network', id: network.network.id } as const] : []),
  ]
}

/** Whether the app's pages, exports and deployments come through the network only. */
export function isHttpPrivate({ network }: Config): boolean {
  return network.kind === 'private' && network.http === 'private'
}
