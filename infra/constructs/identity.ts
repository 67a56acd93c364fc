import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment'
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity'
import { Construct } from 'constructs'
import { type Names, type Place } from '../naming'

/** Built-in roles an identity of this system may hold. */
const roles = {
  receiveEvents: 'Azure Event Hubs Data Receiver',
  sendEvents: 'Azure Event Hubs Data Sender',
  ownBlobs: 'Storage Blob Data Owner',
  writeBlobs: 'Storage Blob Data Contributor',
  writeTables: 'Storage Table Data Contributor',
  publishMetrics: 'Monitoring Metrics Publisher',
  publishCode: 'Website Contributor',
} as const

/** What an identity may do, and on what: the narrowest scope that takes the role. */
export interface Grant {
  readonly name: string
  readonly role: keyof typeof roles
  readonly scope: string
}

/** Gives an identity its roles; what needs them depends on the assignments, or it starts without. */
export function assignRoles(
  scope: Construct,
  { principalId, grants }: { readonly principalId: string; readonly grants: readonly Grant[] },
): readonly RoleAssignment[] {
  return grants.map(
    ({ name, role, scope: target }) =>
      new RoleAssignment(scope, `role-${name}`, {
        scope: target,
        principalId,
        roleDefinitionName: roles[role],
        principalType: 'ServicePrincipal',
        // A new identity takes a while to be known everywhere; the assignment itself need not wait for it.
        skipServicePrincipalAadCheck: true,
      }),
  )
}

/** The identity the app runs as. Its name is its role in PostgreSQL. */
export class Identity extends Construct {
  readonly identity: UserAssignedIdentity

  constructor(scope: Construct, id: string, { place, names }: { readonly place: Place; readonly names: Names }) {
    super(scope, id)
    this.identity = new UserAssignedIdentity(this, 'identity', { ...place, name: names.identity })
  }

  assign(grants: readonly Grant[]): readonly RoleAssignment[] {
    return assignRoles(this, { principalId: this.identity.principalId, grants })
  }
}
