import { reasonOf } from '../reason'
import { refresh } from '../lake/table'
import { metricNames, record } from '../observe/metrics'
import { positionIn } from '../pipeline/position'
import { hubConnection, openHubReader } from './ports'
import { type Running } from './running'

/**
 * Measures, for every partition, how many messages the hub holds that bronze has not taken. The position that counts is
 * the one in bronze: the host's checkpoint may be ahead of it, and the service reports no lag of its own below
 * Premium. Never throws: that the lag is unknown must not stop the pulse, and its absence is an alert's business.
 */
export async function recordConsumerLag({ settings, ports }: Pick<Running, 'settings' | 'ports'>): Promise<void> {
  try {
    const reader = openHubReader(settings, await hubConnection(settings))
    try {
      const bronze = await refresh(ports.tables.bronze)
      for (const partition of await reader.partitions()) {
        const position = positionIn(bronze, ports.stream, partition)
        const held = await reader.held(partition)
        const lag = held ? held.last - Math.max(position ?? -1, held.first - 1) : 0
        record(metricNames.consumerLag, Math.max(0, lag), { partition: String(partition) })
      }
    } finally {
      await reader.close()
    }
  } catch (error) {
    ports.log('warn', `consumer lag: not measured: ${reasonOf(error)}`)
  }
}
