import { type FunctionAppFlexConsumption } from '@cdktf/provider-azurerm/lib/function-app-flex-consumption'
import { DataResource } from 'cdktf'
import { Construct } from 'constructs'

interface KeylessOptions {
  readonly app: FunctionAppFlexConsumption
  readonly resourceGroupName: string
  readonly subscriptionId: string
}

const names = ['AzureWebJobsStorage', 'DEPLOYMENT_STORAGE_CONNECTION_STRING'] as const

// No braces after a dollar: Terraform would take them for its own.
const command = `set -euo pipefail
set -- --subscription "$SUBSCRIPTION_ID" --resource-group "$RESOURCE_GROUP" --name "$FUNCTION_APP" --only-show-errors
az functionapp config appsettings delete "$@" --output none --setting-names ${names.join(' ')}
left=$(az functionapp config appsettings list "$@" --output tsv \\
  --query "length([?${names.map((name) => `name=='${name}'`).join(' || ')}])")
if [ "$left" != 0 ]; then
  echo "function app $FUNCTION_APP: expected neither ${names.join(' nor ')}, got $left of them; delete them by hand" >&2
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
      // By its bare address: what this list takes is a reference, not an expression.
      lifecycle: { replaceTriggeredBy: [`${app.terraformResourceType}.${app.friendlyUniqueId}`] },
      provisioners: [
        {
          type: 'local-exec',
          interpreter: ['bash', '-c'],
          command,
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
