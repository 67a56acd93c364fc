import {
  ConsumptionBudgetResourceGroup,
  type ConsumptionBudgetResourceGroupNotification,
} from '@cdktf/provider-azurerm/lib/consumption-budget-resource-group'
import { Fn } from 'cdktf'
import { Construct } from 'constructs'
import { type Config } from '../config'
import { type Names } from '../naming'

interface BudgetOptions {
  readonly names: Names
  readonly config: Config
  readonly resourceGroupId: string
  readonly alertEmail: string
}

/** Warns by mail as the month's cost passes each step, and when the month is expected to end above the budget. */
export class Budget extends Construct {
  constructor(scope: Construct, id: string, { names, config, resourceGroupId, alertEmail }: BudgetOptions) {
    super(scope, id)
    const warning = (threshold: number, thresholdType: string): ConsumptionBudgetResourceGroupNotification => ({
      enabled: true,
      operator: 'GreaterThan',
      threshold,
      thresholdType,
      contactEmails: [alertEmail],
    })
    const { monthly, warnAtPercent } = config.budget
    new ConsumptionBudgetResourceGroup(this, 'budget', {
      name: names.budget,
      resourceGroupId,
      amount: monthly,
      timeGrain: 'Monthly',
      // The service wants the first of the month in which the budget is made, and never another afterwards.
      timePeriod: { startDate: Fn.formatdate("YYYY-MM-01'T'00:00:00'Z'", Fn.plantimestamp()) },
      notification: [...warnAtPercent.map((percent) => warning(percent, 'Actual')), warning(100, 'Forecasted')],
      lifecycle: { ignoreChanges: ['time_period'] },
    })
  }
}
