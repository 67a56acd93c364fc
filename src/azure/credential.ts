// Tested in test/azure/lake-store.test.ts.
import { StorageSharedKeyCredential } from '@azure/storage-file-datalake'
import { type TokenCredential } from '@azure/core-auth'

/** What signs requests to storage: a token in Azure, the emulator's published key on a developer's machine. */
export type LakeCredential = StorageSharedKeyCredential | TokenCredential

/** Where a request goes and, in Azure, which user-assigned identity makes it. */
export interface CredentialSettings {
  readonly url: string
  /** Client id of a user-assigned managed identity; without it the environment decides. */
  readonly clientId?: string | undefined
}

/**
 * Account and key every Azure storage emulator answers to. Public by design:
 * https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
 */
export const emulatorAccount = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
} as const

/**
 * The credential for a storage URL: the emulator's key when the URL is on this machine or names the emulator's
 * account (a Compose network), else a token from `tokenCredential`.
 */
export async function azureCredential({ url, clientId }: CredentialSettings): Promise<LakeCredential> {
  if (isEmulator(url)) return new StorageSharedKeyCredential(emulatorAccount.name, emulatorAccount.key)
  return tokenCredential({ clientId })
}

/**
 * Microsoft Entra tokens: of the managed identity named, else of whatever the environment offers (system-assigned
 * identity, a developer's `az login`). The identity library is loaded on first use, so local starts never pay for it.
 */
export async function tokenCredential({
  clientId,
}: { readonly clientId?: string | undefined } = {}): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity')
  return clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential()
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

function isEmulator(url: string): boolean {
  const { hostname, pathname } = new URL(url)
  return loopback.test(hostname) || pathname.split('/')[1] === emulatorAccount.name
}
