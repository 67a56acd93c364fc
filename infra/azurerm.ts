/** Major version of the Terraform provider azurerm. */
export type AzurermMajor = 4 | 5

/**
 * The major version the stack is written for: the one switch between 4 and 5. Pinned to 4 on 2026-11-29, because the
 * stack validates and plans with 4.81, the last of 4.x, and fails in 5. The bindings are of 4.55, the last that cdktf
 * will get, so names that came later are written as overrides; every argument of every environment was compared with the
 * bindings of 4.81.0 and 5.10.0 (cdktn-provider-azurerm 17.0.0 and 18.9.0 on PyPI). What 5 takes away of what is used:
 * - `azurerm_application_insights.local_authentication_disabled`: `local_authentication_enabled` instead. 4.81 takes it
 *   too, so it is written already.
 * - `azurerm_private_dns_zone_virtual_network_link.private_dns_zone_name` and `resource_group_name`:
 *   `private_dns_zone_id` instead, which 4.81 refuses. Only where the network is private.
 * - `azurerm_federated_identity_credential.parent_id` and `resource_group_name`: `user_assigned_identity_id` instead.
 *   Only where a repository is named.
 */
export const azurermMajor: AzurermMajor = 4

/**
 * Constraint on the provider's version, by major. Not below 4.58, before which an app has at least 40 instances; nor
 * below 5.10, whose arguments the stack was compared with.
 */
export const azurermVersions: Readonly<Record<AzurermMajor, string>> = { 4: '~> 4.81', 5: '~> 5.10' }
