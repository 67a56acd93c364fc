import { type RetailEvent, type SaleEvent } from '../../src/event/event'
import { emptyState } from '../../src/fold/state'
import { type Emit, type Entry, step } from '../../src/fold/step'
import { line, log, pulse, rules as allRules, sale } from './entries'

/** Two rollups are enough to show how windows behave; test/fold/rollups.test.ts has what each of them counts. */
const rules = { ...allRules, rollups: allRules.rollups.filter(({ name }) => ['sales_1m', 'store_1m'].includes(name)) }

const fold = (entries: readonly Entry[]) => step(emptyState(rules), entries, rules)

const shown =
  'total_qty total_revenue transactions total_transactions avg_transaction_value unique_customers orders'.split(' ')

/** `closed sales_1m@0 s1,p1 total_qty=1 …`, a few figures only. */
function show(emit: Emit): string {
  if (emit.kind === 'stockout') {
    const until = emit.resolvedMs === null ? '' : ` until ${emit.resolvedMs / 60_000}`
    return `${emit.change} ${emit.storeId},${emit.productId} since ${emit.openedMs / 60_000}${until}`
  }
  const values = Object.entries(emit.values)
    .filter(([name]) => shown.includes(name))
    .map(([name, value]) => `${name}=${String(value)}`)
  return `${emit.kind} ${emit.rollup.name}@${emit.startMs / 60_000} ${emit.key.join(',')} ${values.join(' ')}`
}

test('a window comes out once, when the watermark passes its end', () => {
  const { out, live } = fold(log(sale(0), sale(0.5, { product: 'p2', cents: 250 }), sale(10.9), sale(11)))
  expect(out.map(show)).toEqual([
    'closed sales_1m@0 s1,p1 total_qty=1 total_revenue=100 transactions=1',
    'closed sales_1m@0 s1,p2 total_qty=1 total_revenue=250 transactions=1',
    'closed store_1m@0 s1 total_transactions=2 total_revenue=350 avg_transaction_value=175 unique_customers=0 orders=2',
  ])
  expect(out.every((emit) => emit.at.sequence === 3)).toBe(true)
  expect(live.map((row) => row.startMs / 60_000)).toEqual([10, 10, 11, 11])
})

test('windows are half open: the first instant of the next one is not in it', () => {
  const { out } = fold(log(sale(0), sale(1), sale(12)))
  expect(out.map(show).filter((line) => line.includes('sales_1m'))).toEqual([
    'closed sales_1m@0 s1,p1 total_qty=1 total_revenue=100 transactions=1',
    'closed sales_1m@1 s1,p1 total_qty=1 total_revenue=100 transactions=1',
  ])
})

test('W1: what arrives for a closed window becomes a correction of its own and the window stays closed', () => {
  const { out, counts } = fold(log(sale(0), sale(11), sale(0.2, { cents: 40 }), sale(0.3, { cents: 2 })))
  expect(out.map(show).filter((line) => line.startsWith('correction sales'))).toEqual([
    'correction sales_1m@0 s1,p1 total_qty=1 total_revenue=40 transactions=1',
    'correction sales_1m@0 s1,p1 total_qty=1 total_revenue=2 transactions=1',
  ])
  expect(out.filter((emit) => emit.kind === 'closed')).toHaveLength(2)
  expect(counts).toMatchObject({ events: 4, late: 2 })
})

test('an event older than the watermark still counts on time while its window is open', () => {
  const { out, counts } = fold(log(sale(0.9), sale(10.5), sale(0.1, { cents: 5 }), sale(11)))
  expect(counts.late).toBe(0)
  expect(out.map(show)[0]).toBe('closed sales_1m@0 s1,p1 total_qty=2 total_revenue=105 transactions=2')
})

test('W2: an old event does not take the watermark back', () => {
  const { state } = fold(log(sale(30), sale(1)))
  expect(state.watermark.ms).toBe(20 * 60_000)
})

test('W4: an event id counts once within the horizon, also for late events', () => {
  const { out, counts } = fold(
    log(sale(0, { id: 'a' }), sale(0, { id: 'a' }), sale(15), sale(1, { id: 'b' }), sale(1, { id: 'b' }), sale(30)),
  )
  expect(counts).toMatchObject({ events: 4, duplicates: 2, late: 1 })
  expect(out.map(show).filter((line) => /sales_1m@[01] /.test(line))).toEqual([
    'closed sales_1m@0 s1,p1 total_qty=1 total_revenue=100 transactions=1',
    'correction sales_1m@1 s1,p1 total_qty=1 total_revenue=100 transactions=1',
  ])
})

test('a forgotten id is one whose bucket the watermark has passed by the horizon', () => {
  const { state } = fold(log(sale(0, { id: 'a' }), sale(20), sale(21)))
  expect([...state.seen.ids.keys()]).toEqual([expect.stringContaining('20-s1'), expect.stringContaining('21-s1')])
})

test('returns subtract, lines of one product are one transaction, customers count once', () => {
  const bought = line({ quantity: 2, amountMinor: 500 })
  const back = line({ quantity: -1, amountMinor: -250 })
  const { out } = fold(
    log(sale(0, { lines: [bought, back], customer: 'c1' }), sale(0.1, { lines: [back], customer: 'c1' }), sale(11)),
  )
  expect(out.map(show)).toEqual([
    'closed sales_1m@0 s1,p1 total_qty=0 total_revenue=0 transactions=2',
    'closed store_1m@0 s1 total_transactions=2 total_revenue=0 avg_transaction_value=0 unique_customers=1 orders=1',
  ])
})

test('a product unsold for the window opens one alert, and its next sale resolves it', () => {
  const others = [30, 60, 69.9, 70, 80].map((minute) => sale(minute, { product: 'other' }))
  const { out } = fold(log(sale(0), ...others, sale(81), sale(82)))
  expect(out.filter((emit) => emit.kind === 'stockout').map(show)).toEqual([
    'opened s1,p1 since 60',
    'resolved s1,p1 since 60 until 81',
  ])
  expect(out.find((emit) => emit.kind === 'stockout')?.at.sequence).toBe(4)
})

test('a return does not put a product back on sale', () => {
  const { out } = fold(log(sale(0), sale(70, { product: 'other' }), sale(71, { quantity: -1, cents: -100 })))
  expect(out.filter((emit) => emit.kind === 'stockout').map(show)).toEqual(['opened s1,p1 since 60'])
})

test('only goods sold put a product on sale, and a void says nothing of the shelf', () => {
  const kinds = ['gift_card', 'shipping', 'fee', 'discount', 'adjustment'] as const
  const others = kinds.map((kind, index) => sale(index, { lines: [line({ productId: kind, kind })] }))
  const voided: RetailEvent = { ...(sale(50) as SaleEvent), voids: 'o1' }
  const { out } = fold(log(sale(0), ...others, voided, sale(75, { product: 'x' })))
  expect(out.filter((emit) => emit.kind === 'stockout').map(show)).toEqual(['opened s1,p1 since 60'])
})

test('stores are watched apart', () => {
  const { out } = fold(log(sale(0), sale(0, { store: 's2' }), sale(50, { store: 's2' }), sale(75, { product: 'x' })))
  expect(out.filter((emit) => emit.kind === 'stockout').map(show)).toEqual(['opened s1,p1 since 60'])
})

test('a late sale that shows an alert was false resolves it no earlier than it opened', () => {
  const { out } = fold(log(sale(0), sale(100, { product: 'x' }), sale(45)))
  expect(out.filter((emit) => emit.kind === 'stockout').map(show)).toEqual([
    'opened s1,p1 since 60',
    'resolved s1,p1 since 60 until 60',
  ])
})

test('a pulse closes windows where nobody sells, and only there', () => {
  const busy = fold(log({ at: 0, event: sale(0) }, { at: 1, event: pulse(30) }))
  expect(busy.out).toEqual([])
  const idle = fold(log({ at: 0, event: sale(0) }, { at: 1.1, event: pulse(30) }))
  expect(idle.out.map((emit) => emit.kind)).toEqual(['closed', 'closed'])
  expect(idle.state.watermark.ms).toBe(20 * 60_000)
})

test('pulses of today leave a partition alone into which history is about to be replayed', () => {
  const year = 60 * 24 * 365
  const { counts, state } = fold(
    log({ at: 15 * year, event: pulse(15 * year) }, sale(0), pulse(15 * year + 1), sale(1)),
  )
  expect(counts).toMatchObject({ late: 0, pulses: 2 })
  expect(state.watermark.ms).toBe(-9 * 60_000)
})

test('a duplicate or a reject keeps a partition from being idle', () => {
  const { out } = fold(
    log(
      { at: 0, event: sale(0, { id: 'a' }) },
      { at: 0.9, event: sale(0, { id: 'a' }) },
      { at: 1.5, event: pulse(30) },
    ),
  )
  expect(out).toEqual([])
})

test('rejects are counted by reason, whatever the reason is called', () => {
  const { counts } = fold(log({ reject: '__proto__' }, { reject: 'schema' }, { reject: 'schema' }))
  expect(Object.entries(counts.rejected)).toEqual([
    ['__proto__', 1],
    ['schema', 2],
  ])
})

test('an entry at or before the position is refused by name', () => {
  const [first, second] = log(sale(0), sale(1))
  if (!first || !second) throw new Error('two entries')
  expect(() => fold([second, first])).toThrow('fold: expected an entry after 1/0, got 0/0')
})
