import { type EnvironmentName } from './config'

/**
 * Name of every resource of an environment. `suffix` makes those unique that the whole of Azure shares; it may be a
 * Terraform reference. Lengths are those of the suffix, six characters, held to the services' limits by a test.
 */
export function namesOf(environment: EnvironmentName, suffix: string) {
  const system = `tillstream-${environment}`
  return {
    resourceGroup: `rg-${system}`,
    lake: `tillstream${environment}lake${suffix}`,
    hostStorage: `tillstream${environment}host${suffix}`,
    hubNamespace: `evhns-${system}-${suffix}`,
    functionApp: `func-${system}-${suffix}`,
    servicePlan: `plan-${system}`,
    postgres: `psql-${system}-${suffix}`,
    identity: `id-${system}`,
    publisher: `id-${system}-publisher`,
    workspace: `log-${system}`,
    applicationInsights: `appi-${system}`,
    network: `vnet-${system}`,
    budget: `budget-${system}`,
  }
}

export type Names = ReturnType<typeof namesOf>

/** Names within a resource, the same in every environment; queries, alerts and the app know them. */
export const hubs = { events: 'retail-events', alerts: 'stock-alerts' } as const
export const consumerGroup = 'tillstream'
export const database = 'tillstream'
export const lakeContainers = ['bronze', 'silver', 'gold', 'checkpoints'] as const
export const packageContainer = 'packages'

/** Group, region and tags of a resource: spread into every resource that takes all three. */
export interface Place {
  readonly resourceGroupName: string
  readonly location: string
  readonly tags: { readonly [label: string]: string }
}
