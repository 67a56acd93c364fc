import { metricNames, record } from '../observe/metrics'
import { reasonOf } from '../reason'
import { countScattered } from '../warehouse/scattered'
import { type Running } from './running'

/**
 * Measures how many stores have sent to several partitions within the last day. Never throws: that it is unknown must not
 * stop the pulse.
 */
export async function recordScattered({ ports }: Pick<Running, 'ports'>): Promise<void> {
  try {
    record(metricNames.scattered, await countScattered(ports.warehouse))
  } catch (error) {
    ports.log('warn', `stores in several partitions: not counted: ${reasonOf(error)}`)
  }
}
