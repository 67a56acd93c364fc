import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sendCanary } from '../../infra/canary'
import { openWarehouse } from '../../src/warehouse/connection'
import { lastLine, makePlace, type Place, run } from '../local/stack'

/* The canary as the deployment runs it: compiled, in a process of its own. `npm test` compiles first. */

let place: Place
beforeEach(async () => {
  place = await makePlace()
})
afterEach(() => place.remove())

async function settingsOf({ settings }: Place): Promise<Record<string, string>> {
  return (JSON.parse(await readFile(settings, 'utf8')) as { Values: Record<string, string> }).Values
}

async function canary(values: Record<string, string>): Promise<{ code: number | null; stdout: string }> {
  const script = join(__dirname, '..', '..', 'dist', 'infra', 'canary.js')
  const child = execFile(process.execPath, [script], { env: { PATH: process.env.PATH, ...values } })
  let stdout = ''
  child.stdout?.on('data', (chunk: string) => (stdout += chunk))
  const [code] = (await once(child, 'close')) as (number | null)[]
  return { code: code ?? null, stdout }
}

test('a canary goes through the whole pipe into PostgreSQL, as a return that counts no money', async () => {
  const stack = run('local/start', place, '--no-generator', '--json')
  await stack.said('health')
  const values = await settingsOf(place)

  const { code, stdout } = await canary(values)
  const report = lastLine(stdout)
  expect(report).toEqual({
    ok: true,
    latencyMs: expect.any(Number) as number,
    productId: expect.stringMatching(/^canary-/) as string,
  })
  expect(code).toBe(0)

  const { POSTGRES_DATABASE: database = '', POSTGRES_USER: user = '', POSTGRES_PASSWORD: password = '' } = values
  const server = { host: '127.0.0.1', port: place.ports.postgres, database, user, password, ssl: 'off' } as const
  const warehouse = openWarehouse(server)
  try {
    expect(
      await warehouse.query('SELECT store_id, product_id, total_qty, total_revenue, transactions FROM sales_1m'),
    ).toEqual([
      { store_id: 'canary', product_id: report.productId, total_qty: '-1', total_revenue: '0.00', transactions: '1' },
    ])
    // What is not sent does not come: the wait ends with a report, not with the first look.
    const nothing = { sender: { send: () => Promise.resolve() }, warehouse, nowMs: Date.now(), timeoutMs: 1 }
    expect(await sendCanary(nothing)).toMatchObject({
      ok: false,
      error: expect.stringContaining('expected canary-') as string,
    })
  } finally {
    await warehouse.close()
  }
  stack.process.kill('SIGINT')
  expect(await stack.ended).toMatchObject({ code: 0 })
})

test('a canary that cannot reach PostgreSQL sends nothing, says why, and fails', async () => {
  const { code, stdout } = await canary(await settingsOf(place))
  expect(lastLine(stdout)).toEqual({ ok: false, error: expect.stringContaining('ECONNREFUSED') as string })
  expect(code).toBe(1)
})

test('a canary without settings names those that are missing', async () => {
  const { code, stdout } = await canary({})
  expect(lastLine(stdout)).toEqual({ ok: false, error: expect.stringContaining('LAKE_URL') as string })
  expect(code).toBe(1)
})
