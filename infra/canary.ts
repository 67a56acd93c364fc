import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { reasonOf } from '../src/reason'
import { hubConnection, openServer } from '../src/app/ports'
import { type EventSender, openEventSender } from '../src/azure/event-sender'
import { parseSettings } from '../src/config/settings'
import { type Wire } from '../src/event/schema'
import { type Warehouse } from '../src/warehouse/connection'

/** What came of a canary: how long its event took from the send to PostgreSQL, or how long it was waited for. */
export interface CanaryReport {
  readonly ok: boolean
  readonly latencyMs: number
  /** Names the event in bronze and its row in `sales_1m`. */
  readonly productId: string
  readonly error?: string
}

export interface CanaryOptions {
  readonly sender: Pick<EventSender, 'send'>
  readonly warehouse: Pick<Warehouse, 'query'>
  /** Event time. */
  readonly nowMs: number
  /** Flex Consumption may have to start an instance first. */
  readonly timeoutMs?: number
  /** A store of its own, so that no real one has a row more. */
  readonly storeId?: string
  readonly unique?: () => string
}

const pollMs = 500

/**
 * Sends one event down the whole pipe and waits until PostgreSQL has counted it, once. It moves no figure of a real
 * store: the store is the canary's own, the product is new each time, and the line is the return of one piece at no
 * price, so that no money is counted and, since returns do not start the shelf watch, no stock-out opens for it.
 * Throws when the hub or PostgreSQL cannot be reached; an event that does not come in time is a report.
 */
export async function sendCanary({
  sender,
  warehouse,
  nowMs,
  timeoutMs = 180_000,
  storeId = 'canary',
  unique = randomUUID,
}: CanaryOptions): Promise<CanaryReport> {
  const eventId = unique()
  const productId = `canary-${eventId}`
  // Before anything is sent: what cannot be looked for had better not be there.
  await transactions(warehouse, { storeId, productId })
  const startedMs = performance.now()
  const elapsedMs = () => Math.round(performance.now() - startedMs)
  const event = canary({ eventId, productId, storeId, nowMs })
  await sender.send([{ key: storeId, body: Buffer.from(JSON.stringify(event)) }])
  for (;;) {
    const counted = await transactions(warehouse, { storeId, productId })
    const seen = { latencyMs: elapsedMs(), productId }
    if (counted === 1) return { ok: true, ...seen }
    if (counted > 1) return { ok: false, ...seen, error: `canary: expected its event once, got it ${counted} times` }
    if (seen.latencyMs > timeoutMs) return { ok: false, ...seen, error: overdue({ productId, timeoutMs }) }
    await wait(pollMs)
  }
}

function overdue({ productId, timeoutMs }: { productId: string; timeoutMs: number }): string {
  return (
    `canary: expected ${productId} in sales_1m within ${timeoutMs / 1000} s, found nothing; the hub took it, so ` +
    'look at /api/health and at what ingest logs'
  )
}

interface Canary {
  readonly eventId: string
  readonly productId: string
  readonly storeId: string
  readonly nowMs: number
}

function canary({ eventId, productId, storeId, nowMs }: Canary): Wire<'sale'> {
  return {
    type: 'sale',
    eventId,
    eventTime: new Date(nowMs).toISOString(),
    storeId,
    lines: [{ productId, quantity: -1, unitPrice: 0 }],
    paymentMethod: 'canary',
  }
}

/** In how many sales the product is; 0 while it is in none. */
async function transactions(
  warehouse: Pick<Warehouse, 'query'>,
  { storeId, productId }: Pick<Canary, 'storeId' | 'productId'>,
): Promise<number> {
  const [row] = await warehouse.query(
    'SELECT sum(transactions) AS n FROM sales_1m WHERE store_id = $1 AND product_id = $2',
    [storeId, productId],
  )
  return Number(row?.n ?? 0)
}

/** As a command: settings from the environment, the report as JSON on the last line, exit code 0 when it came through. */
async function main(): Promise<void> {
  const settings = parseSettings(process.env)
  const sender = openEventSender({ connection: await hubConnection(settings), hubName: settings.hub.name })
  const warehouse = openServer(settings)
  try {
    const report = await sendCanary({ sender, warehouse, nowMs: Date.now() })
    console.log(JSON.stringify(report))
    process.exitCode = report.ok ? 0 : 1
  } finally {
    await Promise.all([sender.close(), warehouse.close()])
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.log(JSON.stringify({ ok: false, error: reasonOf(error) }))
    process.exitCode = 1
  })
}
