// Tested in test/local/start.test.ts.
import { setTimeout as sleep } from 'node:timers/promises'
import { type LocalSettings } from '../../local/stack/settings-file'
import { type HubConnection } from '../../src/azure/event-sender'
import { sendPulse } from '../../src/azure/pulse'
import { type Rules } from '../../src/fold/rules'
import { windowStart } from '../../src/fold/window'

/**
 * Lets the windows of a finished replay close as they would by themselves: once the partitions have been quiet for
 * longer than the fold asks, a heartbeat goes into each, of the clock's time or of `pulseMs`. The stream goes on from
 * that time: without one, from today.
 */
export async function settle({
  connection,
  hubName,
  idleAfterMs,
  pulseMs,
  signal,
}: {
  readonly connection: HubConnection
  readonly hubName: string
  readonly idleAfterMs: number
  /** Epoch milliseconds; the clock's when absent. */
  readonly pulseMs?: number | undefined
  readonly signal: AbortSignal
}): Promise<void> {
  // The hub stamps in whole milliseconds, and the rule asks for more than idleAfter.
  await sleep(idleAfterMs + 1000, undefined, { signal })
  await sendPulse({ connection, hubName, nowMs: pulseMs ?? Date.now() })
}

/**
 * The time of a heartbeat that closes every window with an event up to `newestMs`, and no later one: what comes next is on
 * time from the end of the longest window on. Epoch milliseconds.
 */
export function closingMs(newestMs: number, { rollups, latenessMs }: Pick<Rules, 'rollups' | 'latenessMs'>): number {
  return Math.max(...rollups.map(({ windowMs }) => windowStart(newestMs, windowMs) + windowMs)) + latenessMs
}

/**
 * Throws when the app beside a back-fill sends heartbeats: of the clock's time, they make the next file late as soon as a
 * partition is quiet.
 */
export async function checkNoPulse({ httpPort }: LocalSettings): Promise<void> {
  const url = `http://127.0.0.1:${httpPort}/admin/functions`
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
  const functions = (await answer.json()) as readonly { readonly name: string; readonly state?: string }[]
  if (functions.some(({ name, state }) => name === 'pulse' && state === 'disabled')) return
  throw new Error(
    `replay: --backfill beside ${url}, whose pulse moves event time to the clock; ` +
      'end it and let the replay start its own, or start it with npm start -- --no-generator --no-pulse',
  )
}
