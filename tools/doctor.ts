import { command, type CommonOptions } from '../local/cli/options'
import { runCommand } from '../local/cli/run'
import { type Result } from './doctor/check'
import { checks } from './doctor/checks'
import { examine, worst } from './doctor/examine'
import { show } from './doctor/show'
import { openSubject } from './doctor/subject'

const program = command('doctor', 'Looks at this machine, the settings and the services they name; says what to mend.')
  .option('--env', 'settings from the environment, as in Azure, instead of a file')
  .parse()
const options = program.opts<CommonOptions & { readonly env?: true }>()

async function look(): Promise<{ ok: boolean; results: readonly Result[] }> {
  const subject = openSubject({
    dataDir: options.data,
    from: options.env ? 'environment' : 'file',
    ...(options.settings !== undefined && { settingsFile: options.settings }),
    ...(options.portBase !== undefined && { portBase: options.portBase }),
  })
  const results = await examine(checks, subject)
  return { ok: results.every(({ findings }) => worst(findings) !== 'fault'), results }
}

void runCommand({ json: options.json === true, print: ({ results }) => console.log(show(results)) }, look).then(() => {
  // What a check that was given up on still waits for is not waited for.
  setTimeout(() => process.exit(), 500).unref()
})
