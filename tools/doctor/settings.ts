// Tested in test/tools/doctor.test.ts.
import { settings } from '../../src/config/settings'
import { near } from '../query/near'
import { type Check, fault, type Finding, ok, warn } from './check'
import { type Subject } from './subject'

/** Whether the settings can be used, and mean what they seem to. */
export const settingsChecks: readonly Check[] = [
  { group: 'settings', name: 'settings', run: checkSettings, fix: 'compare with local.settings.sample.json' },
  { group: 'settings', name: 'names', run: checkNames, fix: 'compare with local.settings.sample.json' },
  {
    group: 'settings',
    name: 'safety',
    needs: ['settings'],
    run: checkSafety,
    fix: 'compare with infra/app-settings.ts',
  },
]

function checkSettings({ faults, source, settings: parsed }: Subject): Promise<readonly Finding[]> {
  if (parsed) return Promise.resolve([ok(`from ${source.name}`)])
  return Promise.resolve(faults.map((line) => fault(line, fixOf(line, source))))
}

function fixOf(line: string, source: Subject['source']): string {
  const [name = ''] = /^\w+/.exec(line) ?? []
  if (!(name in settings)) return 'compare with local.settings.sample.json'
  return source.kind === 'file' ? `set ${name} in ${source.name}` : `export ${name}=…`
}

/** Read by the Functions host, its worker and its extensions. */
const foreign =
  /^(FUNCTIONS_|AzureWebJobs|AzureFunctionsJobHost|AzureFunctionsWebHost|APPLICATIONINSIGHTS_|WEBSITE_|languageWorkers|NODE_|SCM_|ENABLE_|EventHubConnection__|DEPLOYMENT_STORAGE_)/

/** Warns of names that no program reads: likely typos. Only for a file; an environment is full of other programs' names. */
function checkNames({ values, source }: Subject): Promise<readonly Finding[]> {
  if (source.kind === 'environment') return Promise.resolve([ok('not looked at in an environment')])
  const strange = Object.keys(values).filter((name) => !(name in settings) && !foreign.test(name))
  const findings = strange.map((name) => {
    const meant = near(name, Object.keys(settings))[0]
    const fix = meant === undefined ? 'take it out' : `write ${meant}, if that is meant, or take it out`
    return warn(`${name}: nobody reads it`, `${fix} (${source.name})`)
  })
  return Promise.resolve(findings.length > 0 ? findings : [ok('all known')])
}

function checkSafety({ stack, settings: parsed, values }: Subject): Promise<readonly Finding[]> {
  if (stack || !parsed) return Promise.resolve([ok('a stack on this machine')])
  const findings = [
    parsed.postgres.tls === 'off' &&
      fault(
        'POSTGRES_TLS: off, though the server is elsewhere: passwords and rows travel in the open',
        'set it to verify',
      ),
    parsed.hub.connectionString !== undefined &&
      warn(
        'EventHubConnection: a key, where an identity would do',
        'set EventHubConnection__fullyQualifiedNamespace instead',
      ),
    (values.POSTGRES_PASSWORD ?? '') !== '' &&
      warn('POSTGRES_PASSWORD: a password, where an identity would do', 'take it out: a token is asked for instead'),
    parsed.lakeUrl.startsWith('http:') && fault('LAKE_URL: http, though it is elsewhere', 'write https'),
  ].filter((finding) => finding !== false)
  return Promise.resolve(findings.length > 0 ? findings : [ok('identities, and TLS that is verified')])
}
