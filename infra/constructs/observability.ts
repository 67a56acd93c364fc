import { ApplicationInsightsWorkbook } from '@cdktf/provider-azurerm/lib/application-insights-workbook'
import { LogAnalyticsSavedSearch } from '@cdktf/provider-azurerm/lib/log-analytics-saved-search'
import { Fn } from 'cdktf'
import { Construct } from 'constructs'
import { type Monitored } from '../monitored'
import { literal, queries } from '../queries/query'
import { workbookJson } from '../workbook'

/** Azure names workbooks by UUID; another one would be another workbook. */
const workbookName = '2b0f5f0e-3d5c-4f0a-8a3e-7c1f0c9d6e42'

/** What people look at: every query saved in the workspace, and the workbook made of them. */
export class Observability extends Construct {
  constructor(scope: Construct, id: string, { workspace, resourceGroup, tags }: Monitored) {
    super(scope, id)
    for (const { name, answers, text } of queries.values()) {
      const flat = name.replaceAll('/', '-')
      new LogAnalyticsSavedSearch(this, flat, {
        name: flat,
        logAnalyticsWorkspaceId: workspace.id,
        category: name.startsWith('alerts/') ? 'Tillstream alerts' : 'Tillstream',
        displayName: `${name.replace('alerts/', '')}: ${shortened(answers)}`,
        query: literal(text),
      })
    }
    new ApplicationInsightsWorkbook(this, 'workbook', {
      name: workbookName,
      displayName: 'Tillstream',
      resourceGroupName: resourceGroup.name,
      location: resourceGroup.location,
      tags,
      category: 'workbook',
      // The service gives it back in lower case, which would be a change in every plan.
      sourceId: Fn.lower(workspace.id),
      dataJson: workbookJson(workspace.id),
    })
  }
}

/** The first sentence of what a query answers. */
function shortened(answers: string): string {
  return literal(answers.split(/[:.;]/)[0] ?? answers)
}
