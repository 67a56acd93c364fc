import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appFolder, readLocalSettings } from '../../../local/stack/settings-file'
import { currencySettings, writeSettings } from '../../../tools/replay/currency-settings'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tillstream-settings-'))
})
afterEach(() => rm(folder, { recursive: true }))

const sample = readLocalSettings(join(appFolder, 'local.settings.sample.json'))
const fresh = () => ({ settings: sample, dataDir: join(folder, 'data'), options: {} })

test('amounts in the installation’s currency need no settings', () => {
  expect(currencySettings('GBP', fresh())).toEqual({})
})

test('where nothing is there yet, another currency brings its settings, and the zone somebody has named', () => {
  expect(currencySettings('EUR', fresh())).toEqual({ CURRENCY: 'EUR' })
  expect(currencySettings('EUR', { ...fresh(), options: { zone: 'Europe/Berlin' } })).toEqual({
    CURRENCY: 'EUR',
    BUSINESS_ZONE: 'Europe/Berlin',
  })
})

test('an installation with data, or with settings of its own, keeps its currency', async () => {
  await mkdir(join(folder, 'data', 'postgres'), { recursive: true })
  expect(() => currencySettings('EUR', fresh())).toThrow('the amounts are EUR, and CURRENCY is GBP')
  const settings = { ...sample, file: join(folder, 'settings.json') }
  const elsewhere = { settings, dataDir: join(folder, 'other'), options: {} }
  expect(() => currencySettings('EUR', elsewhere)).toThrow('--settings FILE, with CURRENCY EUR')
})

test('the settings written are the sample’s with these values, and never replace others', async () => {
  const files = { own: join(folder, 'own.json'), sample: sample.file }
  await writeSettings({ CURRENCY: 'EUR' }, files)
  expect(readLocalSettings(files.own).values).toEqual({ ...sample.values, CURRENCY: 'EUR' })
  expect(JSON.parse(await readFile(files.own, 'utf8'))).toHaveProperty('IsEncrypted', false)
  await writeFile(files.own, 'mine')
  await expect(writeSettings({ CURRENCY: 'USD' }, files)).rejects.toThrow('EEXIST')
  expect(await readFile(files.own, 'utf8')).toBe('mine')
})
