import { StorageAccount, type StorageAccountConfig } from '@cdktf/provider-azurerm/lib/storage-account'
import { type Construct } from 'constructs'
import { type Config } from '../config'
import { type Place } from '../naming'

interface AccountOptions {
  readonly place: Place
  readonly config: Config
  readonly name: string
  readonly replication: Config['lake']['replication']
  readonly special: Pick<StorageAccountConfig, 'isHnsEnabled' | 'blobProperties'>
}

/** A storage account that opens to Entra identities only: no keys, no SAS, no anonymous reading. */
export function closedAccount(
  scope: Construct,
  { place, config, name, replication, special }: AccountOptions,
): StorageAccount {
  const open = config.network.kind === 'public'
  return new StorageAccount(scope, 'account', {
    ...place,
    name,
    accountKind: 'StorageV2',
    accountTier: 'Standard',
    accountReplicationType: replication,
    sharedAccessKeyEnabled: false,
    defaultToOauthAuthentication: true,
    allowNestedItemsToBePublic: false,
    crossTenantReplicationEnabled: false,
    localUserEnabled: false,
    httpsTrafficOnlyEnabled: true,
    minTlsVersion: 'TLS1_2',
    publicNetworkAccessEnabled: open,
    ...(open ? {} : { networkRules: { defaultAction: 'Deny', bypass: ['AzureServices'] } }),
    ...special,
    lifecycle: { preventDestroy: config.destroy === 'prevented' },
  })
}
