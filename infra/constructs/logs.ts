import { ApplicationInsights } from '@cdktf/provider-azurerm/lib/application-insights'
import { LogAnalyticsWorkspace } from '@cdktf/provider-azurerm/lib/log-analytics-workspace'
import { Construct } from 'constructs'
import { type Config } from '../config'
import { type Names, type Place } from '../naming'

/** Where everything that watches the system writes to; the cap bounds the bill of a log that runs wild. */
export class Logs extends Construct {
  readonly workspace: LogAnalyticsWorkspace
  readonly applicationInsights: ApplicationInsights

  constructor(scope: Construct, id: string, { place, names, config }: { place: Place; names: Names; config: Config }) {
    super(scope, id)
    this.workspace = new LogAnalyticsWorkspace(this, 'workspace', {
      ...place,
      name: names.workspace,
      sku: 'PerGB2018',
      retentionInDays: config.logs.retentionDays,
      dailyQuotaGb: config.logs.dailyCapGb,
      localAuthenticationEnabled: false,
    })
    this.applicationInsights = new ApplicationInsights(this, 'application-insights', {
      ...place,
      name: names.applicationInsights,
      applicationType: 'web',
      workspaceId: this.workspace.id,
    })
    // The connection string names the instrument and opens nothing: writing needs the role. An override, as the bindings
    // only have `local_authentication_disabled`, which azurerm 5 no longer takes.
    this.applicationInsights.addOverride('local_authentication_enabled', false)
  }
}
