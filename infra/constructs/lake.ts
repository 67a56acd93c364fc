import { type StorageAccount } from '@cdktf/provider-azurerm/lib/storage-account'
import { StorageContainer } from '@cdktf/provider-azurerm/lib/storage-container'
import { StorageManagementPolicy } from '@cdktf/provider-azurerm/lib/storage-management-policy'
import { Construct } from 'constructs'
import { type Config } from '../config'
import { lakeContainers, type Names, type Place } from '../naming'
import { closedAccount } from './account'

/** The ADLS Gen2 account of the Delta tables: one container per layer, and one for snapshots of the fold's state. */
export class Lake extends Construct {
  readonly account: StorageAccount
  /** Each has an ARM id of its own: a role given there reaches no other container. */
  readonly containers: readonly StorageContainer[]

  constructor(scope: Construct, id: string, { place, names, config }: { place: Place; names: Names; config: Config }) {
    super(scope, id)
    const kept = { days: config.lake.deletedKeptDays }
    this.account = closedAccount(this, {
      place,
      config,
      name: names.lake,
      replication: config.lake.replication,
      special: {
        // Folders that are folders: what makes a rename, and so a Delta commit, one step.
        isHnsEnabled: true,
        blobProperties: { deleteRetentionPolicy: kept, containerDeleteRetentionPolicy: kept },
      },
    })
    this.containers = lakeContainers.map(
      (name) =>
        new StorageContainer(this, name, {
          name,
          storageAccountId: this.account.id,
          containerAccessType: 'private',
          lifecycle: { preventDestroy: config.destroy === 'prevented' },
        }),
    )
    new StorageManagementPolicy(this, 'lifecycle', {
      storageAccountId: this.account.id,
      rule: [
        {
          name: 'cool-what-is-seldom-read',
          enabled: true,
          // Snapshots are replaced within minutes and gold is small and read daily: neither gains by it.
          filters: { blobTypes: ['blockBlob'], prefixMatch: ['bronze/', 'silver/'] },
          actions: { baseBlob: { tierToCoolAfterDaysSinceModificationGreaterThan: config.lake.coolAfterDays } },
        },
      ],
    })
  }
}
