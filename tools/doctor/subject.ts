// Tested in test/tools/doctor.test.ts.
import { isAbsolute, resolve } from 'node:path'
import { parseSettings, type Settings } from '../../src/config/settings'
import {
  appFolder,
  type LocalSettings,
  portsOf,
  readLocalSettings,
  type StackPorts,
} from '../../local/stack/settings-file'

/** What is examined: settings, and the services they name. */
export interface Subject {
  /** Where the settings come from, for people. */
  readonly source: { readonly kind: 'file' | 'environment'; readonly name: string }
  readonly values: Readonly<Record<string, string | undefined>>
  /** Absent when a setting is at fault; `faults` then says each. */
  readonly settings?: Settings
  readonly faults: readonly string[]
  /** Absent when the services are not on this machine. */
  readonly stack?: { readonly ports: StackPorts & { readonly http: number }; readonly dataDir: string }
  readonly nodeVersion: string
  /** Folder from which packages are looked up. */
  readonly packagesFrom: string
}

/** A subject by the flags of the command. Never throws: settings that cannot be read are its first fault. */
export function openSubject({
  dataDir,
  settingsFile,
  portBase,
  from,
}: {
  readonly dataDir: string
  readonly settingsFile?: string
  readonly portBase?: number
  readonly from: 'file' | 'environment'
}): Subject {
  const machine = { nodeVersion: process.versions.node, packagesFrom: appFolder }
  if (from === 'environment') {
    const source = { kind: from, name: 'the environment' } as const
    return { ...machine, source, values: process.env, ...parsed(process.env) }
  }
  const name = settingsFile ?? 'local.settings.json'
  try {
    const local = readLocalSettings(settingsFile, portBase)
    const source = { kind: from, name: local.file } as const
    return { ...machine, source, values: local.values, ...parsed(local.values), ...stackOf(local, dataDir) }
  } catch (error) {
    return { ...machine, source: { kind: from, name }, values: {}, faults: [(error as Error).message] }
  }
}

function parsed(values: Subject['values']): Pick<Subject, 'settings' | 'faults'> {
  try {
    return { settings: parseSettings(values), faults: [] }
  } catch (error) {
    const [, ...faults] = (error as Error).message.split('\n').map((line) => line.trim())
    return { faults }
  }
}

function stackOf(local: LocalSettings, dataDir: string): Pick<Subject, 'stack'> {
  const folder = isAbsolute(dataDir) ? dataDir : resolve(dataDir)
  try {
    return { stack: { ports: { ...portsOf(local), http: local.httpPort }, dataDir: folder } }
  } catch {
    // An address elsewhere: there is no stack on this machine to look at.
    return {}
  }
}

/** The settings, for checks that stand on the one that found them well. */
export function settingsOf({ settings }: Subject): Settings {
  if (!settings) throw new Error('settings: expected them to be well by now; mend them first')
  return settings
}
