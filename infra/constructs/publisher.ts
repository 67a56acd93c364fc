import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential'
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity'
import { Construct } from 'constructs'
import { type AzurermMajor } from '../azurerm'
import { type Names, type Place } from '../naming'
import { assignRoles } from './identity'

interface PublisherOptions {
  readonly place: Place
  readonly names: Names
  /** `owner/name` on GitHub. */
  readonly repository: string
  /** Environment of the workflow, whose approvals guard the identity. */
  readonly environment: string
  readonly functionAppId: string
  readonly azurerm: AzurermMajor
}

/** Who puts code into the app: jobs of one environment of one GitHub repository, without a secret, and nothing else. */
export class Publisher extends Construct {
  readonly identity: UserAssignedIdentity

  constructor(scope: Construct, id: string, options: PublisherOptions) {
    super(scope, id)
    const { place, names, repository, environment, functionAppId, azurerm } = options
    this.identity = new UserAssignedIdentity(this, 'identity', { ...place, name: names.publisher })
    const credential = new FederatedIdentityCredential(this, 'github', {
      name: 'github',
      resourceGroupName: place.resourceGroupName,
      parentId: this.identity.id,
      issuer: 'https://token.actions.githubusercontent.com',
      audience: ['api://AzureADTokenExchange'],
      subject: `repo:${repository}:environment:${environment}`,
    })
    if (azurerm === 5) {
      credential.addOverride('user_assigned_identity_id', this.identity.id)
      for (const gone of ['parent_id', 'resource_group_name']) credential.addOverride(gone, undefined)
    }
    const grants = [{ name: 'code', role: 'publishCode', scope: functionAppId } as const]
    assignRoles(this, { principalId: this.identity.principalId, grants })
  }
}
