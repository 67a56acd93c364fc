// Tested in test/tools/doctor.test.ts.
import { type Check } from './check'
import { hubChecks } from './hub'
import { machineChecks } from './machine'
import { pipelineChecks } from './pipeline'
import { postgresChecks } from './postgres'
import { settingsChecks } from './settings'
import { stackChecks } from './stack'
import { storageChecks } from './storage'
import { timeZoneChecks } from './time-zones'

/** Everything that is looked at, in the order people read it; a check comes after those it needs. */
export const checks: readonly Check[] = [
  ...machineChecks,
  ...settingsChecks,
  ...stackChecks,
  ...storageChecks,
  ...hubChecks,
  ...postgresChecks,
  ...pipelineChecks,
  ...timeZoneChecks,
]
