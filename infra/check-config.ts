import { connectionsPerInstance, databaseSizes, type Config } from './config'

/** What is wrong, or undefined. */
type Fault = string | undefined

const expect = (holds: boolean, fault: string): Fault => (holds ? undefined : fault)

function between(name: string, value: number, [least, most]: readonly [number, number]): Fault {
  const holds = Number.isInteger(value) && value >= least && value <= most
  return expect(holds, `${name}: expected a whole number from ${least} to ${most}, got ${value}`)
}

const cidr = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/

function ranges(name: string, values: readonly string[]): readonly Fault[] {
  return values.map((value) => expect(cidr.test(value), `${name}: expected ranges like 203.0.113.0/24, got "${value}"`))
}

function networkFaults({ network }: Config): readonly Fault[] {
  switch (network.kind) {
    case 'public':
      return ranges('network.operatorRanges', network.operatorRanges)
    case 'private':
      return [
        ...ranges('network.addressSpace', [network.addressSpace]),
        ...ranges('network.appSubnet', [network.appSubnet]),
        ...ranges('network.endpointSubnet', [network.endpointSubnet]),
        ...ranges('network.tillRanges', network.tillRanges),
      ]
  }
}

function hubFaults({ hub }: Config): readonly Fault[] {
  const standard = hub.sku === 'Standard'
  return [
    between('hub.units', hub.units, [1, standard ? 40 : 16]),
    between('hub.maximumUnits', hub.maximumUnits, [hub.units, 40]),
    between('hub.partitions', hub.partitions, [1, standard ? 32 : 100]),
    between('hub.alertPartitions', hub.alertPartitions, [1, 32]),
    between('hub.retentionDays', hub.retentionDays, [1, standard ? 7 : 90]),
  ]
}

function appFaults({ app, hub, database }: Config): readonly Fault[] {
  const { batch, maximumInstances, alwaysReady } = app
  const connections = maximumInstances * connectionsPerInstance
  const allowed = databaseSizes[database.size]
  return [
    between('app.maximumInstances', maximumInstances, [1, 1000]),
    between('app.alwaysReady', alwaysReady, [0, Math.min(maximumInstances, hub.partitions)]),
    expect(
      connections <= allowed,
      `app.maximumInstances: expected at most ${allowed} connections for ${database.size}, got ${connections}`,
    ),
    // EventHubOptions of the extension: batches to 2^31, waits of up to ten minutes.
    between('app.batch.maxMessages', batch.maxMessages, [1, 10_000]),
    between('app.batch.minMessages', batch.minMessages, [1, batch.maxMessages]),
    between('app.batch.maxWaitMs', batch.maxWaitMs, [1, 600_000]),
    between('app.batch.backlogPerInstance', batch.backlogPerInstance, [batch.maxMessages, 10_000_000]),
  ]
}

function keptFaults({ lake, database, logs, budget }: Config): readonly Fault[] {
  return [
    between('lake.coolAfterDays', lake.coolAfterDays, [1, 99_999]),
    between('lake.deletedKeptDays', lake.deletedKeptDays, [1, 365]),
    expect(database.storageGb >= 32, `database.storageGb: expected at least 32, got ${database.storageGb}`),
    expect(
      Number.isInteger(Math.log2(database.storageGb)),
      `database.storageGb: expected a power of two, got ${database.storageGb}`,
    ),
    between('database.backupDays', database.backupDays, [7, 35]),
    expect(
      database.standby === 'none' || !database.size.startsWith('B_'),
      `database.standby: expected a size that is not burstable, got ${database.size}`,
    ),
    between('logs.retentionDays', logs.retentionDays, [30, 730]),
    expect(logs.dailyCapGb > 0, `logs.dailyCapGb: expected more than 0, got ${logs.dailyCapGb}`),
    expect(budget.monthly > 0, `budget.monthly: expected more than 0, got ${budget.monthly}`),
    ...budget.warnAtPercent.map((percent) => between('budget.warnAtPercent', percent, [1, 1000])),
    // The service takes up to five notifications for a budget; one is the forecast.
    between('budget.warnAtPercent: how many', budget.warnAtPercent.length, [1, 4]),
  ]
}

const repository = /^[\w.-]+\/[\w.-]+$/

/** The configuration itself, or one error that lists every fault of it. */
export function checkConfig(config: Config): Config {
  const faults = [
    expect(/^[a-z0-9]+$/.test(config.region), `region: expected a name like westeurope, got "${config.region}"`),
    ...networkFaults(config),
    ...hubFaults(config),
    ...appFaults(config),
    ...keptFaults(config),
    expect(
      config.repository === undefined || repository.test(config.repository),
      `repository: expected owner/name, got "${config.repository}"`,
    ),
  ].filter((fault) => fault !== undefined)
  if (faults.length > 0)
    throw new Error(`config of ${config.name}: ${faults.length} at fault\n  ${faults.join('\n  ')}`)
  return config
}
