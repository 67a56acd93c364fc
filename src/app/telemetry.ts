// Tested in test/observe/telemetry.test.ts.
import { tokenCredential } from '../azure/credential'
import { type Settings } from '../config/settings'
import { openTelemetry, type Telemetry } from '../observe/telemetry'
import { operation } from './invocation'
import { type Log } from './ports'

/** Begins to send what is measured; undefined where no Application Insights is set, as on a developer's machine. */
export function startTelemetry({ telemetry, identityClientId }: Settings, log: Log): Telemetry | undefined {
  if (!telemetry) return undefined
  const { connectionString, signedBy } = telemetry
  const credential = signedBy === 'identity' ? () => tokenCredential({ clientId: identityClientId }) : undefined
  return openTelemetry({ connectionString, credential, operation, warn: (line) => log('warn', line) })
}
