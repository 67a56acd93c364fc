import { checkConfig } from '../../infra/check-config'
import { type Config, environments } from '../../infra/config'
import { appSettings, hostSettings } from '../../infra/app-settings'

const { dev, prod } = environments

test.each([dev, prod])('the configuration of $name is sound', (config) => {
  expect(checkConfig(config)).toBe(config)
})

test('every fault is listed, with what was expected and what came', () => {
  const wrong: Config = {
    ...dev,
    region: 'West Europe',
    network: { kind: 'public', operatorRanges: ['office'] },
    hub: { ...dev.hub, partitions: 33, retentionDays: 8 },
    database: { ...dev.database, standby: 'zone', backupDays: 3, storageGb: 48 },
    logs: { retentionDays: 7, dailyCapGb: 0 },
    repository: 'name',
  }
  const lines = [
    'config of dev: 10 at fault',
    'region: expected a name like westeurope, got "West Europe"',
    'network.operatorRanges: expected ranges like 203.0.113.0/24, got "office"',
    'hub.partitions: expected a whole number from 1 to 32, got 33',
    'hub.retentionDays: expected a whole number from 1 to 7, got 8',
    'database.storageGb: expected a power of two, got 48',
    'database.backupDays: expected a whole number from 7 to 35, got 3',
    'database.standby: expected a size that is not burstable, got B_Standard_B1ms',
    'logs.retentionDays: expected a whole number from 30 to 730, got 7',
    'logs.dailyCapGb: expected more than 0, got 0',
    'repository: expected owner/name, got "name"',
  ]
  expect(() => checkConfig(wrong)).toThrow(lines.join('\n  '))
})

test('more instances than the database has connections for are refused', () => {
  expect(() => checkConfig({ ...dev, app: { ...dev.app, maximumInstances: 9 } })).toThrow(
    'app.maximumInstances: expected at most 35 connections for B_Standard_B1ms, got 36',
  )
})

test('instances that cannot have a partition are not kept ready', () => {
  expect(() => checkConfig({ ...dev, app: { ...dev.app, alwaysReady: 5 } })).toThrow('app.alwaysReady')
})

test('a wrong range of a private network is found', () => {
  if (prod.network.kind !== 'private') throw new Error('prod: expected a private network')
  const network = { ...prod.network, tillRanges: ['everywhere'] }
  expect(() => checkConfig({ ...prod, network })).toThrow('network.tillRanges')
})

const given = {
  EventHubConnection__fullyQualifiedNamespace: 'name.servicebus.windows.net',
  LAKE_URL: 'https://name.dfs.core.windows.net',
  POSTGRES_HOST: 'name.postgres.database.azure.com',
}

test('settings not given have the default of the app', () => {
  expect(appSettings({ ...given, CURRENCY: 'EUR' })).toMatchObject({ ...given, CURRENCY: 'EUR', POSTGRES_PORT: '5432' })
})

test('a setting that is missing or does not parse ends the synthesis', () => {
  const { LAKE_URL: _, ...rest } = given
  expect(() => appSettings({ ...rest, LATENESS_SECONDS: 'ten' })).toThrow(/2 at fault[^]*LAKE_URL[^]*LATENESS_SECONDS/)
})

test('a secret ends the synthesis, and is not printed', () => {
  const attempt = () => appSettings({ ...given, POSTGRES_PASSWORD: 'hunter2' })
  expect(attempt).toThrow('POSTGRES_PASSWORD')
  expect(attempt).not.toThrow('hunter2')
})

test.each([
  [500, '00:00:00.500'],
  [2_000, '00:00:02.000'],
  [600_000, '00:10:00.000'],
])('a wait of %i ms is written %s', (maxWaitMs, written) => {
  const settings = hostSettings({ storageAccount: 'x', clientId: 'y', batch: { ...dev.app.batch, maxWaitMs } })
  expect(settings.AzureFunctionsJobHost__extensions__eventHubs__maxWaitTime).toBe(written)
})
