import { PostgresqlFlexibleServer } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server'
import { PostgresqlFlexibleServerActiveDirectoryAdministrator } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server-active-directory-administrator'
import { PostgresqlFlexibleServerConfiguration } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server-configuration'
import { PostgresqlFlexibleServerDatabase } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server-database'
import { PostgresqlFlexibleServerFirewallRule } from '@cdktf/provider-azurerm/lib/postgresql-flexible-server-firewall-rule'
import { Fn } from 'cdktf'
import { Construct } from 'constructs'
import { type Config } from '../config'
import { database, type Names, type Place } from '../naming'

/** Who may create roles and tables: a group, a person, or the identity that deploys. */
export interface Administrator {
  readonly objectId: string
  readonly name: string
  readonly type: string
  readonly tenantId: string
}

export interface WarehouseOptions {
  readonly place: Place
  readonly names: Names
  readonly config: Config
  readonly administrator: Administrator
}

/**
 * PostgreSQL that only Entra identities can enter. The app's role is made by `create-app-role.ts`, tables by the
 * migrations: Terraform runs no SQL.
 *
 * One server takes what a few hundred shops sell: rows are per minute, store and product, not per sale. The next size
 * is Azure Cosmos DB for PostgreSQL (`azurerm_cosmosdb_postgresql_cluster`): every primary key starts with `store_id`,
 * so each table becomes a sharded one by `create_distributed_table(table, 'store_id')`, and nothing else changes.
 */
export class Warehouse extends Construct {
  readonly server: PostgresqlFlexibleServer
  readonly administrator: PostgresqlFlexibleServerActiveDirectoryAdministrator

  constructor(scope: Construct, id: string, { place, names, config, administrator }: WarehouseOptions) {
    super(scope, id)
    this.server = this.#createServer(place, { name: names.postgres, config, tenantId: administrator.tenantId })
    this.administrator = new PostgresqlFlexibleServerActiveDirectoryAdministrator(this, 'administrator', {
      serverName: this.server.name,
      resourceGroupName: place.resourceGroupName,
      tenantId: administrator.tenantId,
      objectId: administrator.objectId,
      principalName: administrator.name,
      principalType: administrator.type,
    })
    // A server takes one change at a time, so each waits for the one before.
    const tables = new PostgresqlFlexibleServerDatabase(this, 'database', {
      name: database,
      serverId: this.server.id,
      charset: 'UTF8',
      // Byte order: fast, and the same in every version of the operating system, so no index goes stale.
      collation: 'C',
      lifecycle: { preventDestroy: config.destroy === 'prevented' },
      dependsOn: [this.administrator],
    })
    new PostgresqlFlexibleServerConfiguration(this, 'tls', {
      name: 'ssl_min_protocol_version',
      serverId: this.server.id,
      value: 'TLSv1.2',
      dependsOn: [tables],
    })
    if (config.network.kind === 'public') this.#open(config.network.operatorRanges)
  }

  #createServer(
    place: Place,
    { name, config, tenantId }: { name: string; config: Config; tenantId: string },
  ): PostgresqlFlexibleServer {
    const { size, storageGb, backupDays, backups, standby } = config.database
    return new PostgresqlFlexibleServer(this, 'server', {
      ...place,
      name,
      version: '17',
      skuName: size,
      storageMb: storageGb * 1024,
      autoGrowEnabled: true,
      backupRetentionDays: backupDays,
      geoRedundantBackupEnabled: backups === 'geo',
      publicNetworkAccessEnabled: config.network.kind === 'public',
      authentication: { activeDirectoryAuthEnabled: true, passwordAuthEnabled: false, tenantId },
      ...(standby === 'zone' ? { highAvailability: { mode: 'ZoneRedundant' } } : {}),
      lifecycle: {
        preventDestroy: config.destroy === 'prevented',
        // The service chooses the zones, swaps them when it fails over, and lets storage grow, never shrink.
        ignoreChanges: ['zone', 'high_availability[0].standby_availability_zone', 'storage_mb'],
      },
    })
  }

  /** Instances of the app have no fixed address, so services of Azure come in, and the operators named. */
  #open(operatorRanges: readonly string[]): void {
    const serverId = this.server.id
    new PostgresqlFlexibleServerFirewallRule(this, 'azure-services', {
      name: 'azure-services',
      serverId,
      startIpAddress: '0.0.0.0',
      endIpAddress: '0.0.0.0',
    })
    operatorRanges.forEach((range, index) => {
      new PostgresqlFlexibleServerFirewallRule(this, `operators-${index}`, {
        name: `operators-${index}`,
        serverId,
        startIpAddress: Fn.cidrhost(range, 0),
        endIpAddress: Fn.cidrhost(range, -1),
      })
    })
  }
}
