import { type FunctionAppFlexConsumption } from '@cdktf/provider-azurerm/lib/function-app-flex-consumption'
import { DataResource } from 'cdktf'
import { Construct } from 'constructs'

interface KeylessOptions {
  readonly app: FunctionAppFlexConsumption
  readonly resourceGroupName: string
  readonly subscriptionId: string
}

const names = ['AzureWebJobsStorage', 'DEPLOYMENT_STORAGE_CONNECTION_STRING'] as const

const command = `set -euo pipefail
target=(--subscription "$SUBSCRIPTION_ID" --resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP")
az functionapp config appsettings delete "\${target[@]}" --only-show-errors --output none --setting-names ${names.join(' ')}
left=$(az functionapp config appsettings list "\${target[@]}" --only-show-errors --output tsv \\
  --query "length([?${names.map((name) => `name=='${name}'`).join(' || ')}])")
if [ "$left" != 0 ]; then
  echo "function app $FUNCTION_APP: expected no ${names.join(' and no ')}, found $left of them; remove them by hand" >&2
  exit 1
fi`

/**
 * Takes away two settings that azurerm writes into a Flex Consumption app at every create and update although it
 * opens its storage by identity: connection strings without a key, which the host prefers to the identity and fails
 * with (https://github.com/hashicorp/terraform-provider-azurerm/issues/29693). The provider does not read them
 * back, so their absence is no drift; setting them to nothing instead would be a change in every plan.
 *
 * Runs whenever the app was created or changed, on the machine that deploys, which needs the Azure CLI, signed in.
 */
export class Keyless extends Construct {
  constructor(scope: Construct, id: string, { app, resourceGroupName, subscriptionId }: KeylessOptions) {
    super(scope, id)
    new DataResource(this, 'settings-removed', {
      dependsOn: [app],
      lifecycle: { replaceTriggeredBy: [app] },
      provisioners: [
        {
          type: 'local-exec',
          interpreter: ['bash', '-c'],
          // In Terraform's strings a dollar before a brace starts an expression unless it is doubled.
          command: command.replaceAll('${', '$${'),
          environment: {
            SUBSCRIPTION_ID: subscriptionId,
            RESOURCE_GROUP: resourceGroupName,
            FUNCTION_APP: app.name,
          },
        },
      ],
    })
  }
}
