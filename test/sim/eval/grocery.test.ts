import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeGrocery } from '../../../sim/eval/grocery'

const [dayMs, hourMs] = [86_400_000, 3_600_000]
const newYearMs = Date.parse('2025-01-01T00:00:00Z')

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tillstream-grocery-'))))
afterEach(() => rmSync(folder, { recursive: true }))

test('where there is no Python the source is skipped, and says why', () => {
  const made = makeGrocery(folder, { seed: 1, harsh: false, python: join(folder, 'no-python') })
  expect(made).toMatchObject({ name: 'grocery-sim seed 1', reason: expect.stringContaining('ENOENT') as string })
  expect(readdirSync(folder)).toEqual([])
})

test('a shop-year that is there is read: an empty shelf lasts from the sale of its last piece to the next delivery', () => {
  const files = {
    'categories.json': '{"milk":"dairy"}',
    // Two pieces in the morning of the first day, none on the second, five on the third.
    'inventory.csv': 't,uid,on_hand\n1,milk,0\n2,milk,0\n3,milk,4\n',
    'receipts.csv':
      't,hour,receipt_id,uid,qty,unit_price,promo\n1,9,r1,milk,1,1.2,0\n1,10,r2,milk,1,1.2,1\n3,9,r3,milk,1,1.2,0\n',
    done: '',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `shop-7.${name}`), text)
  const tape = makeGrocery(folder, { seed: 7, harsh: false })
  if ('reason' in tape) throw new Error(tape.reason)
  const soldMs = newYearMs + 10.5 * hourMs
  expect(tape.truth).toEqual([
    { storeId: 'shop', productId: 'milk', kind: 'stockout', fromMs: soldMs + 1, toMs: newYearMs + 2 * dayMs },
  ])
  const baskets = tape.events.flatMap((event) => (event.kind === 'sale' ? [event.basket] : []))
  expect(baskets.map(({ eventTimeMs }) => eventTimeMs)).toEqual([
    newYearMs + 9.5 * hourMs,
    soldMs,
    newYearMs + 2 * dayMs + 9.5 * hourMs,
  ])
  expect(baskets[1]?.lines).toEqual([
    { productId: 'milk', kind: 'goods', category: 'dairy', pieces: 1, amountMinor: 120, promotionId: 'promo' },
  ])
})
