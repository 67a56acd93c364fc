import { type SettingName } from '../src/config/settings'

export type EnvironmentName = 'dev' | 'prod'

/** Reached over the internet, by identity only; the database also needs an address from `operatorRanges`. */
interface PublicNetwork {
  readonly kind: 'public'
  /** CIDR ranges from which people and the deploy step reach PostgreSQL. */
  readonly operatorRanges: readonly string[]
}

/** Storage, hub and database answer in a virtual network only. */
interface PrivateNetwork {
  readonly kind: 'private'
  readonly addressSpace: string
  /** For the instances of the app: one address each, and as many again while they are replaced. */
  readonly appSubnet: string
  readonly endpointSubnet: string
  /** CIDR ranges of tills that send over the internet; none: they come by VPN or ExpressRoute. */
  readonly tillRanges: readonly string[]
  /** Whether the CSV export, the health check and code deployments are reached from outside the network. */
  readonly http: 'public' | 'private'
}

/**
 * All that tells one environment from another. What belongs to whoever deploys (addresses, administrators) is not
 * here but in `inputs`, and the name of the state account in the environment of the synthesis.
 */
export interface Config {
  readonly name: EnvironmentName
  readonly region: string
  readonly network: PublicNetwork | PrivateNetwork
  readonly hub: {
    readonly sku: 'Standard' | 'Premium'
    /** Throughput or processing units at rest, and the most that auto-inflate may add up to. */
    readonly units: number
    readonly maximumUnits: number
    /** Fixed for the life of a Standard hub, and the most instances that can share the stream. */
    readonly partitions: number
    readonly alertPartitions: number
    readonly retentionDays: number
  }
  readonly lake: {
    readonly replication: 'LRS' | 'ZRS' | 'GRS' | 'GZRS'
    readonly coolAfterDays: number
    /** How long deleted files and containers can be brought back. */
    readonly deletedKeptDays: number
  }
  readonly app: {
    readonly memoryMb: 512 | 2048 | 4096
    readonly maximumInstances: number
    /** Instances of `ingest` that never sleep. */
    readonly alwaysReady: number
    readonly batch: Batch
  }
  readonly database: {
    readonly size: DatabaseSize
    readonly storageGb: number
    readonly backupDays: number
    readonly backups: 'local' | 'geo'
    readonly standby: 'none' | 'zone'
  }
  readonly logs: { readonly retentionDays: number; readonly dailyCapGb: number }
  /** In the currency the subscription is billed in. */
  readonly budget: { readonly monthly: number; readonly warnAtPercent: readonly number[] }
  /** Whether Terraform may destroy what holds data. */
  readonly destroy: 'allowed' | 'prevented'
  /** `owner/name` of the GitHub repository whose workflow publishes the code and whose runbooks alerts link to. */
  readonly repository?: string
  /** Settings of the app that differ from their defaults. */
  readonly settings: Readonly<Partial<Record<SettingName, string>>>
}

/**
 * How the host gathers messages before it calls `ingest`. Every batch costs six storage writes: a data file (create,
 * append), a log entry (create, append, rename) and the host's checkpoint. At 0.065 USD for 10,000 writes to a
 * hierarchical account that is 39 USD for a million batches, so a million messages cost 39 / (messages per batch):
 * 4 cents in batches of 1,000, 1.26 USD in batches of 31. An unfilled batch waits `maxWaitMs`, which is latency: what a
 * partition gets in that time is the batch. And a trickle costs no less than a stream: each partition with any
 * traffic pays 3,600,000 / maxWaitMs batches an hour, 28 cents at 500 ms, 7 at 2 s.
 */
export interface Batch {
  readonly maxMessages: number
  /** As large as `maxMessages`: a batch then starts when it is full or when the wait is over, never half full before. */
  readonly minMessages: number
  readonly maxWaitMs: number
  /**
   * Messages behind, per instance, at which the platform adds another. Well above what waits in half-filled batches of
   * the partitions of an instance, or waiting alone would look like falling behind.
   */
  readonly backlogPerInstance: number
}

/** Connections left to users: https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-limits */
export const databaseSizes = {
  B_Standard_B1ms: 35,
  B_Standard_B2s: 414,
  GP_Standard_D2ds_v5: 844,
  GP_Standard_D4ds_v5: 1703,
  GP_Standard_D8ds_v5: 3422,
} as const

export type DatabaseSize = keyof typeof databaseSizes

/** Pool of one instance: `max` of `openWarehouse`. */
export const connectionsPerInstance = 4

export const environments: Readonly<Record<EnvironmentName, Config>> = {
  dev: {
    name: 'dev',
    region: 'westeurope',
    network: { kind: 'public', operatorRanges: [] },
    hub: { sku: 'Standard', units: 1, maximumUnits: 2, partitions: 4, alertPartitions: 1, retentionDays: 1 },
    lake: { replication: 'LRS', coolAfterDays: 30, deletedKeptDays: 1 },
    app: {
      memoryMb: 2048,
      maximumInstances: 8,
      alwaysReady: 0,
      batch: { maxMessages: 1000, minMessages: 1000, maxWaitMs: 2000, backlogPerInstance: 10_000 },
    },
    database: { size: 'B_Standard_B1ms', storageGb: 32, backupDays: 7, backups: 'local', standby: 'none' },
    logs: { retentionDays: 30, dailyCapGb: 1 },
    budget: { monthly: 150, warnAtPercent: [80, 100] },
    destroy: 'allowed',
    settings: {},
  },
  prod: {
    name: 'prod',
    region: 'westeurope',
    network: {
      kind: 'private',
      addressSpace: '10.40.0.0/24',
      appSubnet: '10.40.0.0/25',
      endpointSubnet: '10.40.0.128/26',
      tillRanges: [],
      http: 'public',
    },
    hub: { sku: 'Standard', units: 2, maximumUnits: 20, partitions: 16, alertPartitions: 2, retentionDays: 7 },
    lake: { replication: 'ZRS', coolAfterDays: 60, deletedKeptDays: 14 },
    app: {
      memoryMb: 2048,
      maximumInstances: 40,
      alwaysReady: 2,
      batch: { maxMessages: 1000, minMessages: 1000, maxWaitMs: 500, backlogPerInstance: 10_000 },
    },
    database: { size: 'GP_Standard_D2ds_v5', storageGb: 128, backupDays: 14, backups: 'geo', standby: 'zone' },
    logs: { retentionDays: 90, dailyCapGb: 5 },
    budget: { monthly: 3000, warnAtPercent: [50, 80, 100] },
    destroy: 'prevented',
    settings: {},
  },
}

/**
 * What Terraform asks whoever deploys, as `TF_VAR_<name>`; `infra/bootstrap.sh` prints them for the person who runs
 * it. `pattern` is checked by Terraform before anything is planned.
 */
export const inputs = {
  alert_email: { meaning: 'mailbox that alerts and budget warnings go to', pattern: '^[^@\\s]+@[^@\\s]+$' },
  database_admin_name: {
    meaning: 'name of the Entra group, user or service principal that administers PostgreSQL; also its role there',
    pattern: '^.+$',
  },
  database_admin_object_id: { meaning: 'its object id', pattern: '^[0-9a-fA-F-]{36}$' },
  database_admin_type: { meaning: 'what it is', pattern: '^(Group|User|ServicePrincipal)$', fallback: 'Group' },
} as const satisfies Readonly<
  Record<string, { readonly meaning: string; readonly pattern: string; readonly fallback?: string }>
>
