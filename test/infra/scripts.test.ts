import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { all, type Block, only, variants } from './synthesized'

/*
 * What deploys with the Azure CLI, run as it stands with a stand-in for `az` that answers from a table and writes down
 * what it was asked.
 */

const run = promisify(execFile)

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tillstream-az-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

/** Puts an `az` on a path of its own: the first pattern a command matches answers it; else it answers `0`. */
async function standIn(answers: readonly (readonly [pattern: string, answer: string])[]) {
  const cases = answers.map(([pattern, answer]) => `  *"${pattern}"*) echo '${answer}' ;;`)
  const script = ['#!/bin/bash', `echo "$*" >> ${folder}/asked`, 'case "$*" in', ...cases, '  *) echo 0 ;;', 'esac', '']
  await writeFile(join(folder, 'az'), script.join('\n'))
  await chmod(join(folder, 'az'), 0o755)
  return {
    env: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    asked: async () => (await readFile(join(folder, 'asked'), 'utf8')).trim().split('\n'),
  }
}

const dev = variants.get('dev')
if (!dev) throw new Error('expected the variant dev')
const keyless = only(dev, 'terraform_data')
const provisioners = keyless.provisioner as readonly Record<string, { command: string; interpreter: string[] }>[]
const step = provisioners[0]?.['local-exec']
if (!step) throw new Error('expected a step that takes the settings away')
const { command, interpreter } = step
const target = { SUBSCRIPTION_ID: 's', RESOURCE_GROUP: 'g', FUNCTION_APP: 'a' }

function takeAway(env: NodeJS.ProcessEnv) {
  const [shell = '', ...options] = interpreter
  return run(shell, [...options, command], { env: { ...env, ...target } })
}

test('connection strings without a key are taken out of the app, whenever the app was made or changed', async () => {
  const az = await standIn([['appsettings list', '0']])
  await takeAway(az.env)
  const at = '--subscription s --resource-group g --name a --only-show-errors --output'
  expect(await az.asked()).toEqual([
    `functionapp config appsettings delete ${at} none --setting-names AzureWebJobsStorage DEPLOYMENT_STORAGE_CONNECTION_STRING`,
    `functionapp config appsettings list ${at} tsv --query length([?name=='AzureWebJobsStorage' || name=='DEPLOYMENT_STORAGE_CONNECTION_STRING'])`,
  ])
  const [app] = dev?.resources.filter(({ type }) => type === 'azurerm_function_app_flex_consumption') ?? []
  // A bare reference: Terraform refuses an expression here.
  expect(keyless.lifecycle).toMatchObject({ replace_triggered_by: [`${app?.type ?? ''}.${app?.id ?? ''}`] })
})

test('a deployment ends with an error while one of them is left', async () => {
  const az = await standIn([['appsettings list', '1']])
  await expect(takeAway(az.env)).rejects.toThrow(
    'function app a: expected neither AzureWebJobsStorage nor DEPLOYMENT_STORAGE_CONNECTION_STRING, got 1 of them',
  )
})

test("Terraform takes nothing of the step's text for its own", () => {
  expect(command).not.toMatch(/[$%]\{/)
})

const signedIn = [
  ['account show --query id', '0f0e0d0c-0000-0000-0000-000000000001'],
  ['account show --query tenantId', '0f0e0d0c-0000-0000-0000-000000000002'],
  ['account show --query user.type', 'user'],
  ['signed-in-user show --query id', 'me-id'],
  ['signed-in-user show --query userPrincipalName', 'me@example.com'],
] as const

const bootstrap = (env: NodeJS.ProcessEnv, ...options: string[]) =>
  run('bash', [join(__dirname, '../../infra/bootstrap.sh'), ...options], { env })

test('the state is kept in an account without keys, of which every version can be had back', async () => {
  const az = await standIn(signedIn)
  const { stdout } = await bootstrap(az.env)
  expect(stdout.split('\n')).toEqual([
    'export ARM_SUBSCRIPTION_ID=0f0e0d0c-0000-0000-0000-000000000001',
    'export ARM_TENANT_ID=0f0e0d0c-0000-0000-0000-000000000002',
    expect.stringMatching(/^export TILLSTREAM_STATE_ACCOUNT=tillstreamstate[0-9a-f]{6}$/),
    'export TF_VAR_database_admin_object_id=me-id',
    'export TF_VAR_database_admin_name=me@example.com',
    'export TF_VAR_database_admin_type=User',
    '',
  ])
  const asked = await az.asked()
  const only = (what: string) => asked.filter((line) => line.startsWith(what))
  expect(only('storage account create')).toEqual([
    expect.stringMatching(
      /--https-only true --min-tls-version TLS1_2 --allow-shared-key-access false --allow-blob-public/,
    ),
  ])
  expect(only('storage account blob-service-properties update')).toEqual([
    expect.stringMatching(/--enable-versioning true/),
  ])
  expect(only('role assignment create')).toEqual([
    expect.stringMatching(
      /--assignee-object-id me-id .*--role Storage Blob Data Contributor --scope .*containers\/tfstate/,
    ),
  ])
  expect(only('identity')).toEqual([])
})

test('roles that are given are not given again', async () => {
  const az = await standIn([...signedIn, ['role assignment list', '1']])
  await bootstrap(az.env)
  expect((await az.asked()).filter((line) => line.startsWith('role assignment create'))).toEqual([])
})

test('workflows get an identity that plans and one that deploys, the latter shares the administration', async () => {
  const az = await standIn([
    ...signedIn,
    ['ad group list', 'group-id'],
    ['group member check', 'false'],
    ['identity show --name id-tillstream-deploy --resource-group rg-tillstream-state --query principalId', 'deployer'],
    ['identity show --name id-tillstream-plan --resource-group rg-tillstream-state --query principalId', 'planner'],
  ])
  const { stdout } = await bootstrap(az.env, '--github', 'owner/name', '--admin-group', 'data team')
  expect(stdout).toContain('TF_VAR_database_admin_name=data\\ team\n')
  expect(stdout).toContain('TF_VAR_database_admin_object_id=group-id\n')
  const asked = await az.asked()
  const found = (pattern: RegExp) => asked.flatMap((line) => pattern.exec(line)?.[1] ?? [])
  expect(found(/--subject (\S+)/)).toEqual(['dev', 'prod', 'plan'].map((name) => `repo:owner/name:environment:${name}`))
  expect(found(/member add .*--member-id (\S+)/)).toEqual(['me-id', 'deployer'])
  expect(found(/assignment create --assignee-object-id planner .*--role (.+) --scope/)).toEqual([
    'Tillstream plan',
    'Storage Blob Data Reader',
  ])
  // Written over several lines, each of which the stand-in writes down as one.
  expect(asked.join('\n')).toContain('"Actions": ["*/read", "Microsoft.Web/sites/config/list/action"]')
})

test('what is printed names every input that has no default', async () => {
  const az = await standIn(signedIn)
  const { stdout } = await bootstrap(az.env)
  const variables = Object.entries((dev?.json.variable ?? {}) as Record<string, Block>)
  const asked = variables.filter(([, { default: fallback }]) => fallback === undefined).map(([name]) => name)
  const missing = asked.filter((name) => !stdout.includes(`TF_VAR_${name}=`))
  // Who is to be woken is nobody's to guess.
  expect(missing).toEqual(['alert_email'])
  expect(all(dev ?? { resources: [] }, 'azurerm_resource_group')).toHaveLength(1)
})
