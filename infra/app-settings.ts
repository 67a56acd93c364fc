import { parseSettings, settings, type SettingName } from '../src/config/settings'
import { type Batch } from './config'

/** Where the app finds what it works with. Values may be Terraform references. */
export type Given = Readonly<Partial<Record<SettingName, string>>>

/**
 * The settings the app reads, by the names it declares: those given, the defaults of the rest. Throws one error that
 * lists every fault: a setting that is missing, one that does not parse, one that holds a secret.
 */
export function appSettings(given: Given): Readonly<Record<string, string>> {
  const names = Object.keys(settings) as SettingName[]
  const secrets = names.filter((name) => settings[name].kind === 'secret' && given[name] !== undefined)
  if (secrets.length > 0) throw new Error(`app settings: expected no secrets, got ${secrets.join(', ')}`)
  const values = names.flatMap((name) => {
    const { fallback }: { readonly kind: string; readonly fallback?: string } = settings[name]
    const value = given[name] ?? fallback
    return value === undefined ? [] : [[name, value] as const]
  })
  const all = Object.fromEntries(values)
  parseSettings(all)
  return all
}

interface Host {
  readonly storageAccount: string
  readonly clientId: string
  readonly batch: Batch
}

/** Milliseconds as .NET writes a time span: 00:00:00.500. */
function timeSpan(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23)
}

/** Settings of the Functions host, all by identity; `AzureFunctionsJobHost__…` takes the place of a line of host.json. */
export function hostSettings({ storageAccount, clientId, batch }: Host): Readonly<Record<string, string>> {
  const byIdentity = (connection: string) => ({
    [`${connection}__credential`]: 'managedidentity',
    [`${connection}__clientId`]: clientId,
  })
  const eventHubs = 'AzureFunctionsJobHost__extensions__eventHubs'
  return {
    AzureWebJobsStorage__accountName: storageAccount,
    // The root is the live page's.
    AzureWebJobsDisableHomepage: 'true',
    ...byIdentity('AzureWebJobsStorage'),
    ...byIdentity('EventHubConnection'),
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `ClientId=${clientId};Authorization=AAD`,
    [`${eventHubs}__maxEventBatchSize`]: String(batch.maxMessages),
    [`${eventHubs}__minEventBatchSize`]: String(batch.minMessages),
    [`${eventHubs}__maxWaitTime`]: timeSpan(batch.maxWaitMs),
    [`${eventHubs}__targetUnprocessedEventThreshold`]: String(batch.backlogPerInstance),
  }
}
