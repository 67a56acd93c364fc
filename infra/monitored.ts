/** A resource as monitoring speaks of it: ARM id and name, both usually Terraform references, so no string methods on them. */
export interface Resource {
  readonly id: string
  readonly name: string
}

/** What the resources give to the queries, alerts and workbook that watch them. */
export interface Monitored {
  readonly resourceGroup: Resource & { readonly location: string }
  readonly tags: Readonly<Record<string, string>>
  /** Whom alerts go to. */
  readonly alertEmail: string
  readonly workspace: Resource
  readonly applicationInsights: Resource & { readonly connectionString: string }
  readonly hubNamespace: Resource
  /** Names of the hubs within the namespace, as the dimension `EntityName` has them. */
  readonly hubs: { readonly events: string; readonly alerts: string }
  readonly consumerGroup: string
  readonly functionApp: Resource
  readonly servicePlan: Resource
  readonly lake: Resource
  readonly hostStorage: Resource
  readonly postgres: Resource
}
