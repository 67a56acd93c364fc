import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Block, only, variants } from './synthesized'

/*
 * What of the stack Terraform can judge without the provider: inputs, expressions, and the step that follows the app.
 * The whole of it is validated in the workflow, where the provider can be had.
 */

const found = spawnSync('terraform', ['version']).status === 0
const withTerraform = found ? test : test.skip

const dev = variants.get('dev')
if (!dev) throw new Error('expected the variant dev')

const inputs = {
  TF_VAR_alert_email: 'ops@example.com',
  TF_VAR_database_admin_name: 'data team',
  TF_VAR_database_admin_object_id: '11111111-2222-3333-4444-555555555555',
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tillstream-terraform-'))
  await writeFile(join(folder, 'main.tf.json'), JSON.stringify(withoutProvider()))
  if (found) await terraform('init', '-backend=false')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The inputs, the step that follows the app with a stand-in for the app, and the expressions as outputs. */
function withoutProvider(): Block {
  const step = JSON.stringify(only(dev ?? { resources: [] }, 'terraform_data'))
    .replace(/azurerm_function_app_flex_consumption\.\w+\.name/g, 'terraform_data.app.output')
    .replace(/azurerm_function_app_flex_consumption\.\w+/g, 'terraform_data.app')
    .replace(/\$\{(data\.)?azurerm_[^}]+\}/g, 'elsewhere')
  const { time_period } = only(dev ?? { resources: [] }, 'azurerm_consumption_budget_resource_group')
  const locals = JSON.stringify(dev?.json.locals).replace(
    'data.azurerm_client_config.client.subscription_id',
    'var.alert_email',
  )
  return {
    variable: dev?.json.variable,
    locals: JSON.parse(locals) as Block,
    resource: { terraform_data: { app: { input: '${var.alert_email}' }, step: JSON.parse(step) as Block } },
    output: {
      budget: { value: (time_period as Block).start_date },
      suffix: { value: '${local.suffix}' },
    },
  }
}

function terraform(command: string, ...options: string[]) {
  const env = { ...process.env, ...inputs, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  return promisify(execFile)('terraform', [command, '-no-color', ...options], { cwd: folder, env })
}

withTerraform('inputs that fit are planned, the budget begins with the month, names end in six digits', async () => {
  const { stdout } = await terraform('plan', '-input=false')
  expect(stdout).toMatch(/budget += "\d{4}-\d\d-01T00:00:00Z"/)
  expect(stdout).toMatch(/suffix += "[0-9a-f]{6}"/)
  expect(stdout).toContain('Plan: 2 to add')
})

withTerraform.each([
  ['alert_email', 'nobody'],
  ['database_admin_object_id', 'data team'],
  ['database_admin_type', 'Application'],
])('an input that does not fit is refused before anything is planned: %s', async (name, value) => {
  await expect(terraform('plan', '-input=false', '-var', `${name}=${value}`)).rejects.toThrow(
    new RegExp(`Invalid value for variable[^]*${name}: expected`),
  )
})
