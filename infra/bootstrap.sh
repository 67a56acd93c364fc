#!/usr/bin/env bash
# Makes what has to be there before the first `cdktf deploy`: the storage account of Terraform's state, and on request
# the identities under which GitHub workflows plan and deploy. Run it again at any time; what is there stays as it is.
#
#   az login
#   eval "$(infra/bootstrap.sh)"                       # or with --github owner/name, --location, --admin-group
#   export TF_VAR_alert_email=you@example.com
#   npx cdktf-cli@0.21 deploy tillstream-dev
#
# Prints `export` lines, which are also the variables of the workflow; none of them is a secret. What it does, and the
# client ids of the workflows' identities, goes to the error output.
set -euo pipefail

location=westeurope
repository=
admin_group=

usage='usage: infra/bootstrap.sh [--location REGION] [--github OWNER/NAME] [--admin-group NAME]'
while [ $# -gt 0 ]; do
  case "$1" in
    --location) location=${2:?$usage} ;;
    --github) repository=${2:?$usage} ;;
    --admin-group) admin_group=${2:?$usage} ;;
    *) echo "$usage" >&2; exit 2 ;;
  esac
  shift 2
done

say() { echo "bootstrap: $*" >&2; }
azure() { az "$@" --only-show-errors --output tsv; }

# A role that is given already is not given again: not everybody who may deploy may give roles.
grant() { # object-id type role scope
  local given
  given=$(azure role assignment list --assignee "$1" --role "$3" --scope "$4" --query 'length(@)')
  [ "$given" != 0 ] && return
  say "$3 to $2 $1"
  azure role assignment create --assignee-object-id "$1" --assignee-principal-type "$2" --role "$3" --scope "$4" \
    --query id >/dev/null
}

subscription=$(azure account show --query id)
tenant=$(azure account show --query tenantId)
if [ "$(azure account show --query user.type)" = user ]; then
  me_type=User
  me=$(azure ad signed-in-user show --query id)
  me_name=$(azure ad signed-in-user show --query userPrincipalName)
else
  me_type=ServicePrincipal
  me=$(azure ad sp show --id "$(azure account show --query user.name)" --query id)
  me_name=$(azure ad sp show --id "$(azure account show --query user.name)" --query displayName)
fi

# Names of storage accounts are shared by all of Azure: the end is made from the subscription, as in the stack.
group=rg-tillstream-state
account=tillstreamstate$(printf %s "$subscription" | sha256sum | cut -c 1-6)

say "state in $account, $group, $location"
azure group create --name "$group" --location "$location" --tags application=tillstream --query id >/dev/null
azure storage account create --name "$account" --resource-group "$group" --location "$location" \
  --kind StorageV2 --sku Standard_GRS --https-only true --min-tls-version TLS1_2 \
  --allow-shared-key-access false --allow-blob-public-access false --query id >/dev/null
# A state that was spoilt or deleted is had back: every version is kept for a month.
azure storage account blob-service-properties update --account-name "$account" --resource-group "$group" \
  --enable-versioning true --enable-delete-retention true --delete-retention-days 30 \
  --enable-container-delete-retention true --container-delete-retention-days 30 --query id >/dev/null
azure storage container-rm create --storage-account "$account" --resource-group "$group" --name tfstate \
  --query id >/dev/null
container=/subscriptions/$subscription/resourceGroups/$group/providers/Microsoft.Storage/storageAccounts/$account
container=$container/blobServices/default/containers/tfstate
grant "$me" "$me_type" 'Storage Blob Data Contributor' "$container"

admin=$me admin_name=$me_name admin_type=$me_type
if [ -n "$admin_group" ]; then
  admin=$(azure ad group list --filter "displayName eq '$admin_group'" --query '[0].id')
  if [ -z "$admin" ]; then
    say "Entra group $admin_group"
    admin=$(azure ad group create --display-name "$admin_group" --mail-nickname "$admin_group" --query id)
  fi
  admin_name=$admin_group admin_type=Group
fi
join() { # object-id
  [ "$admin_type" = Group ] || return 0
  [ "$(azure ad group member check --group "$admin" --member-id "$1" --query value | tr A-Z a-z)" = true ] ||
    azure ad group member add --group "$admin" --member-id "$1"
}
join "$me"

# Prints the object id of an identity that jobs of the environments named, and nothing else, can take.
workflow_identity() { # name environment...
  local name=$1 environment
  shift
  azure identity create --name "$name" --resource-group "$group" --location "$location" --query id >/dev/null
  for environment in "$@"; do
    azure identity federated-credential create --name "github-$environment" --identity-name "$name" \
      --resource-group "$group" --issuer https://token.actions.githubusercontent.com \
      --audiences api://AzureADTokenExchange --subject "repo:$repository:environment:$environment" --query id >/dev/null
  done
  say "AZURE_CLIENT_ID in $*: $(azure identity show --name "$name" --resource-group "$group" --query clientId)"
  azure identity show --name "$name" --resource-group "$group" --query principalId
}

if [ -n "$repository" ]; then
  # PostgreSQL has one administrator here, and both people and the workflow need to be it.
  [ "$admin_type" = Group ] || { echo 'bootstrap: --github needs --admin-group' >&2; exit 2; }
  say "identities for workflows of $repository"
  all=/subscriptions/$subscription

  deployer=$(workflow_identity id-tillstream-deploy dev prod)
  grant "$deployer" ServicePrincipal 'Contributor' "$all"
  grant "$deployer" ServicePrincipal 'Role Based Access Control Administrator' "$all"
  grant "$deployer" ServicePrincipal 'Storage Blob Data Contributor' "$container"
  join "$deployer"

  # A plan reads, the app's settings too, which are no secrets here and yet more than Reader may see.
  planner=$(workflow_identity id-tillstream-plan plan)
  reader='Tillstream plan'
  if [ "$(azure role definition list --name "$reader" --query 'length(@)')" = 0 ]; then
    azure role definition create --query id --role-definition "{\"Name\": \"$reader\", \"AssignableScopes\": [\"$all\"],
      \"Description\": \"Reads what a plan of Terraform compares\",
      \"Actions\": [\"*/read\", \"Microsoft.Web/sites/config/list/action\"]}" >/dev/null
  fi
  grant "$planner" ServicePrincipal "$reader" "$all"
  grant "$planner" ServicePrincipal 'Storage Blob Data Reader' "$container"
fi

put() { printf 'export %s=%q\n' "$1" "$2"; }
put ARM_SUBSCRIPTION_ID "$subscription"
put ARM_TENANT_ID "$tenant"
put TILLSTREAM_STATE_ACCOUNT "$account"
put TF_VAR_database_admin_object_id "$admin"
put TF_VAR_database_admin_name "$admin_name"
put TF_VAR_database_admin_type "$admin_type"
