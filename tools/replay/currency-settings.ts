import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { appFolder, type LocalSettings } from '../../local/stack/settings-file'
import { parseSettings } from '../../src/config/settings'

const files = { own: join(appFolder, 'local.settings.json'), sample: join(appFolder, 'local.settings.sample.json') }

/**
 * The settings without which amounts in this currency would be rejected: CURRENCY, and with it BUSINESS_ZONE where somebody
 * has named the zone; none when the currency is the installation's. An installation has one currency for good, so only
 * where the sample settings are in use and nothing is in the data folder yet. Throws, saying what to do, elsewhere.
 */
export function currencySettings(
  currency: string,
  {
    settings,
    dataDir,
    options,
  }: {
    readonly settings: LocalSettings
    readonly dataDir: string
    readonly options: { readonly zone?: string }
  },
): Readonly<Record<string, string>> {
  const installed = parseSettings(settings.values).currency
  if (currency === installed) return {}
  if (settings.file === files.sample && !existsSync(join(dataDir, 'postgres'))) {
    return { CURRENCY: currency, ...(options.zone !== undefined && { BUSINESS_ZONE: options.zone }) }
  }
  throw new Error(
    `replay: the amounts are ${currency}, and CURRENCY is ${installed} in ${settings.file};\n` +
      '  an installation has one currency: give this file a data folder (--data DIR) and\n' +
      `  settings (--settings FILE, with CURRENCY ${currency}) of its own, in every command`,
  )
}

/** Makes `local.settings.json` of the sample and these values. */
export async function writeSettings(
  changes: Readonly<Record<string, string>>,
  { own, sample }: { readonly own: string; readonly sample: string } = files,
): Promise<void> {
  const settings = JSON.parse(await readFile(sample, 'utf8')) as { readonly Values: Readonly<Record<string, string>> }
  const values = { ...settings.Values, ...changes }
  await writeFile(own, `${JSON.stringify({ ...settings, Values: values }, null, 2)}\n`, { flag: 'wx' })
}
