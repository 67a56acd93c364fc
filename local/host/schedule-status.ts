// Tested in test/local/host/timers.test.ts.
import { type ContainerClient } from '@azure/storage-blob'
import { type ScheduleStatus } from './schedule'

/** Where timers remember their past. */
export interface ScheduleMonitor {
  read(functionName: string): Promise<ScheduleStatus | undefined>
  write(functionName: string, status: ScheduleStatus): Promise<void>
}

/** The container of the host's own records. */
export const hostContainer = 'azure-webjobs-hosts'

/** Keeps status where the service does: blob `timers/{host id}/Host.Functions.{name}/status`, JSON. */
export function blobScheduleMonitor(container: ContainerClient, hostId: string): ScheduleMonitor {
  const blob = (functionName: string) =>
    container.getBlockBlobClient(`timers/${hostId}/Host.Functions.${functionName}/status`)
  return {
    read: async (functionName) => {
      const bytes = await blob(functionName).downloadToBuffer().catch(missing)
      return bytes && parseStatus(bytes.toString('utf8'), blob(functionName).name)
    },
    write: async (functionName, status) => {
      const bytes = Buffer.from(JSON.stringify(statusJson(status)))
      await blob(functionName).uploadData(bytes, { blobHTTPHeaders: { blobContentType: 'application/json' } })
    },
  }
}

/** Status as the service spells it, in the blob and in what the function is given. */
export function statusJson({ lastMs, nextMs, lastUpdatedMs }: ScheduleStatus): Record<string, string> {
  return { Last: timeText(lastMs), Next: timeText(nextMs), LastUpdated: timeText(lastUpdatedMs) }
}

/** .NET's DateTime of never, and an explicit offset instead of Z. */
function timeText(atMs: number): string {
  if (atMs <= 0 || !Number.isFinite(atMs)) return '0001-01-01T00:00:00'
  return new Date(atMs).toISOString().replace(/Z$/, '+00:00')
}

function parseStatus(text: string, where: string): ScheduleStatus {
  const fields = JSON.parse(text) as Readonly<Record<string, unknown>>
  const time = (key: string): number => {
    const atMs = Date.parse(String(fields[key]))
    if (Number.isNaN(atMs)) throw new Error(`timer status ${where}: ${key} expected a time, got ${String(fields[key])}`)
    return Math.max(0, atMs)
  }
  return { lastMs: time('Last'), nextMs: time('Next'), lastUpdatedMs: time('LastUpdated') }
}

function missing(error: Error & { readonly statusCode?: number }): undefined {
  if (error.statusCode !== 404) throw error
}
