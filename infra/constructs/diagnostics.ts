import {
  MonitorDiagnosticSetting,
  type MonitorDiagnosticSettingConfig,
} from '@cdktf/provider-azurerm/lib/monitor-diagnostic-setting'
import { Construct } from 'constructs'

type Category = readonly string[]

/** What a kind of resource can tell, and which of it is kept. */
interface Kept {
  readonly logs: Category
  readonly metrics: Category
  /** `dedicated`: the service would else write into the shared table AzureDiagnostics. */
  readonly tables: 'own' | 'dedicated'
}

/**
 * Categories by kind of resource: https://learn.microsoft.com/azure/azure-monitor/reference/logs-index
 *
 * Blob services log deletions only. A batch is six writes and each logged write about a kilobyte: 16 partitions at two
 * batches a second would log 17 GB a day. What fails is in the metrics, by response type and operation.
 * The function app logs nothing here: its traces are in Application Insights, which has no setting either, for its
 * tables are in the workspace already and would be written twice.
 */
const kinds = {
  eventHubs: {
    logs: ['OperationalLogs', 'DiagnosticErrorLogs', 'AutoScaleLogs', 'EventHubVNetConnectionEvent'],
    metrics: ['AllMetrics'],
    tables: 'dedicated',
  },
  postgres: {
    logs: ['PostgreSQLLogs', 'PostgreSQLFlexSessions', 'PostgreSQLFlexDatabaseXacts', 'PostgreSQLFlexTableStats'],
    metrics: ['AllMetrics'],
    tables: 'dedicated',
  },
  storageAccount: { logs: [], metrics: ['Transaction', 'Capacity'], tables: 'own' },
  blobService: { logs: ['StorageDelete'], metrics: ['Transaction', 'Capacity'], tables: 'own' },
  functionApp: { logs: [], metrics: ['AllMetrics'], tables: 'own' },
  servicePlan: { logs: [], metrics: ['AllMetrics'], tables: 'own' },
  workspace: { logs: ['Audit'], metrics: ['AllMetrics'], tables: 'own' },
  network: { logs: ['VMProtectionAlerts'], metrics: ['AllMetrics'], tables: 'own' },
} as const satisfies Readonly<Record<string, Kept>>

/** A resource whose logs and metrics go to the workspace. */
export interface Observed {
  readonly name: string
  readonly kind: keyof typeof kinds
  readonly id: string
}

/** Sends what resources tell to the workspace. */
export class Diagnostics extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { workspaceId, observed }: { readonly workspaceId: string; readonly observed: readonly Observed[] },
  ) {
    super(scope, id)
    for (const { name, kind, id: targetResourceId } of observed) {
      const { logs, metrics, tables }: Kept = kinds[kind]
      new MonitorDiagnosticSetting(this, name, {
        name: 'to-workspace',
        targetResourceId,
        logAnalyticsWorkspaceId: workspaceId,
        ...destination(tables),
        enabledLog: logs.map((category) => ({ category })),
        enabledMetric: metrics.map((category) => ({ category })),
      })
    }
  }
}

/** Only where the service has the choice: others answer with none, which would be a change in every plan. */
function destination(tables: Kept['tables']): Partial<MonitorDiagnosticSettingConfig> {
  switch (tables) {
    case 'dedicated':
      return { logAnalyticsDestinationType: 'Dedicated' }
    case 'own':
      return {}
  }
}
