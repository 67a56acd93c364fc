import { openViews, type Views } from '../../src/live/answer'
import { type Ops } from '../../src/live/schema'
import { openWarehouse, type Warehouse } from '../../src/warehouse/connection'
import { openStage, settingsOf, type Stage, storeMinute } from '../report/seed'

/* One state of the database is read once, given to all who ask, and never to those who have it. */

let stage: Stage
let said: string[]
/** The clock of the views; it stands unless a test moves it. */
let nowMs: number
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
beforeEach(async () => {
  said = []
  nowMs = 0
  await stage.given({}, (put) => put('store_1m', storeMinute('2026-06-10T08:00Z', 'S1', 5, 1)))
  await stage.delivered('2026-06-10T08:30:00Z')
})

/** How often figures were read in full: by the transactions that got past the version. */
function counting(warehouse: Warehouse): { readonly warehouse: Warehouse; readonly reads: () => number } {
  let reads = 0
  const counted: Warehouse = {
    ...warehouse,
    transaction: (work) =>
      warehouse.transaction((session) =>
        work({
          query: (statement, parameters) => {
            if (statement.includes('FROM installation')) reads += statement.includes('md5') ? 0 : 1
            return session.query(statement, parameters)
          },
        }),
      ),
  }
  return { warehouse: counted, reads: () => reads }
}

const viewsOf = (warehouse: Warehouse, settings = settingsOf()): Views =>
  openViews(() => ({ warehouse, settings }), { say: (problem) => said.push(problem), nowMs: () => nowMs })

test('a version that the caller has is 304 without a body; a delivery makes another', async () => {
  const views = viewsOf(stage.warehouse)
  const first = await views.answer({ view: 'ops' })
  expect(first).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
  const ifNoneMatch = first.headers.etag ?? ''
  const again = await views.answer({ view: 'ops', ifNoneMatch: `"other", ${ifNoneMatch}` })
  expect([again.status, again.body]).toEqual([304, undefined])
  expect((await views.answer({ view: 'trade', ifNoneMatch })).status).toBe(200)
  await stage.delivered('2026-06-10T08:31:00Z')
  const next = await views.answer({ view: 'ops', ifNoneMatch })
  expect(next.status).toBe(200)
  expect((JSON.parse(String(next.body)) as Ops).pulseAt).toBe('2026-06-10T08:31:00.000Z')
})

test('another instance gives the same version for the same state', async () => {
  const [one, other] = await Promise.all([1, 2].map(() => viewsOf(stage.warehouse).answer({ view: 'trade' })))
  expect(one).toEqual(other)
})

test('figures are read once for a state of the database, however many ask', async () => {
  const { warehouse, reads } = counting(stage.warehouse)
  const views = viewsOf(warehouse)
  const answers = await Promise.all(Array.from({ length: 8 }, () => views.answer({ view: 'ops' })))
  expect(new Set(answers.map(({ body }) => String(body))).size).toBe(1)
  await views.answer({ view: 'ops' })
  expect(reads()).toBe(1)
  await stage.delivered('2026-06-10T08:31:00Z')
  await views.answer({ view: 'ops' })
  expect(reads()).toBe(2)
})

test('after a reading as long as it took, what is kept is given without asking', async () => {
  const slow: Warehouse = {
    ...stage.warehouse,
    transaction: (work) => {
      nowMs += 300
      return stage.warehouse.transaction(work)
    },
  }
  const views = viewsOf(slow)
  const pulseAt = async () => (JSON.parse(String((await views.answer({ view: 'ops' })).body)) as Ops).pulseAt
  const first = await pulseAt()
  await stage.delivered('2026-06-10T08:31:00Z')
  nowMs += 299
  expect([await pulseAt(), nowMs]).toEqual([first, 599])
  nowMs += 1
  expect([await pulseAt(), nowMs]).toEqual(['2026-06-10T08:31:00.000Z', 900])
})

test('no view writes', async () => {
  const statements: string[] = []
  const warehouse: Warehouse = {
    ...stage.warehouse,
    transaction: (work) =>
      stage.warehouse.transaction(async (session) => {
        const result = await work(session)
        statements.push(String((await session.query('SHOW transaction_read_only'))[0]?.transaction_read_only))
        statements.push(String((await session.query('SHOW transaction_isolation'))[0]?.transaction_isolation))
        statements.push(String((await session.query('SHOW statement_timeout'))[0]?.statement_timeout))
        return result
      }),
  }
  await viewsOf(warehouse).answer({ view: 'trade' })
  expect(statements).toEqual(['on', 'repeatable read', '5s'])
})

test.each(['', 'Trade', 'trade.csv', '../trade', 'toString', '__proto__', "trade'; DROP TABLE store_1m; --"])(
  '%j is no view',
  async (view) => {
    const unreachable = viewsOf({ ...stage.warehouse, transaction: () => Promise.reject(new Error('asked')) })
    expect(await unreachable.answer({ view })).toMatchObject({
      status: 404,
      body: expect.stringContaining('trade, ops') as string,
    })
    expect(said).toEqual([])
  },
)

test('a database that does not answer is 503, told to the log and not to the caller, and asked anew', async () => {
  const gone = openWarehouse({
    host: '127.0.0.1',
    port: 1,
    database: 'd',
    user: 'secretary',
    password: 'p',
    ssl: 'off',
  })
  let warehouse: Warehouse = gone
  const views = openViews(() => ({ warehouse, settings: settingsOf() }), { say: (problem) => said.push(problem) })
  const answer = await views.answer({ view: 'ops' })
  expect(answer).toMatchObject({ status: 503, headers: { 'cache-control': 'no-store' } })
  expect(answer.body).not.toContain('127.0.0.1')
  expect(said).toEqual([expect.stringContaining('ECONNREFUSED')])
  await gone.close()
  warehouse = stage.warehouse
  expect((await views.answer({ view: 'ops' })).status).toBe(200)
})

test('settings of other days or money are named to the caller', async () => {
  const views = viewsOf(stage.warehouse, settingsOf({ currency: 'JPY', minorDigits: 0 }))
  expect(await views.answer({ view: 'trade' })).toMatchObject({
    status: 503,
    body: expect.stringContaining('JPY') as string,
  })
})
