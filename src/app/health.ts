// Tested in test/local/start.test.ts.
import { reasonOf } from '../reason'
import { openEventReader } from '../azure/event-reader'
import { hubConnection, type Log } from './ports'
import { run } from './running'

/** One thing the app depends on: how long it took to answer, or why it did not. */
export type Check = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly error: string }

export interface Health {
  readonly ok: boolean
  readonly checks: Readonly<Record<'lake' | 'postgres' | 'hub', Check>>
}

/** Asks the lake, PostgreSQL and the hub for something small, side by side. Never throws; an error's text holds no secret. */
export async function checkHealth(log: Log): Promise<Health> {
  const [lake, postgres, hub] = await Promise.all([
    check(async () => (await run(log)).ports.store.list('bronze/events/_delta_log', { after: '~' })),
    check(async () => (await run(log)).ports.warehouse.query('SELECT 1')),
    check(() => askHub(log)),
  ])
  return { ok: lake.ok && postgres.ok && hub.ok, checks: { lake, postgres, hub } }
}

async function askHub(log: Log): Promise<void> {
  const { settings } = await run(log)
  const reader = openEventReader({ connection: await hubConnection(settings), hubName: settings.hub.name })
  try {
    await reader.partitions()
  } finally {
    await reader.close()
  }
}

async function check(ask: () => Promise<unknown>): Promise<Check> {
  const startedMs = Date.now()
  try {
    await ask()
    return { ok: true, ms: Date.now() - startedMs }
  } catch (error) {
    return { ok: false, error: reasonOf(error) }
  }
}
