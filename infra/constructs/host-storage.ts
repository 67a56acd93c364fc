import { type StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account'
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container'
import { Construct } from 'constructs'
import { type Config } from '../config'
import { packageContainer, type Names, type Place } from '../naming'
import { closedAccount } from './account'

/**
 * The account of the Functions host: leases, the hub's checkpoints, keys, the code package. Apart from the lake,
 * because leases on accounts with a hierarchical namespace have failed
 * (https://github.com/Azure/azure-functions-eventhubs-extension/issues/81).
 */
export class HostStorage extends Construct {
  readonly account: StorageAccount
  readonly packages: StorageContainer

  constructor(scope: Construct, id: string, { place, names, config }: { place: Place; names: Names; config: Config }) {
    super(scope, id)
    this.account = closedAccount(this, {
      place,
      config,
      name: names.hostStorage,
      replication: config.lake.replication,
      // Containers only: its blobs are written over every few seconds, and each version would be kept.
      special: { blobProperties: { containerDeleteRetentionPolicy: { days: config.lake.deletedKeptDays } } },
    })
    this.packages = new StorageContainer(this, 'packages', {
      name: packageContainer,
      storageAccountId: this.account.id,
      containerAccessType: 'private',
    })
  }
}
