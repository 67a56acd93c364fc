import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseCsvMap } from '../../../generator/csv/map'
import { readReceipts } from '../../../generator/csv/source'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tillstream-source-'))))
afterEach(() => rm(folder, { recursive: true }))

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const map = parseCsvMap(
  {
    source: 'tills',
    currency: 'EUR',
    columns: { orderId: 'order', eventTime: 'when', productId: 'item', unitPrice: 'price', salesperson: 'till' },
    constants: { quantity: 1, storeId: 's', paymentMethod: 'cash' },
    time: { format: 'yyyy-MM-dd HH:mm:ss', zone: 'Europe/Berlin' },
  },
  'test',
)

/** A file of orders of 4 lines each, which stand far from each other. */
async function writeOrders(file: string, orders: number): Promise<void> {
  const output = createWriteStream(file)
  output.write('order,when,item,price,till\n')
  for (let line = 0; line < 4; line++) {
    for (let order = 0; order < orders; order++) {
      const at = new Date(Date.UTC(2026, 0, 1) + ((order * 7_919) % orders) * 60_000).toISOString()
      const when = at.slice(0, 19).replace('T', ' ')
      if (!output.write(`o-${order},${when},item-${line},1.25,till-${order % 9}\n`)) await once(output, 'drain')
    }
  }
  output.end()
  await once(output, 'finish')
}

/** The most bytes of heap in use, over what was in use before, looked at after each eighth of the receipts. */
async function heapOf(file: string, orders: number): Promise<{ readonly bytes: number; readonly rows: number }> {
  collect()
  const before = process.memoryUsage().heapUsed
  let [bytes, rows, receipts] = [0, 0, 0]
  for await (const receipt of readReceipts({ files: [file], map, characters: 1 << 20 })) {
    rows += receipt.rows
    if (++receipts % Math.floor(orders / 8) !== 0) continue
    collect()
    bytes = Math.max(bytes, process.memoryUsage().heapUsed - before)
  }
  expect(receipts).toBe(orders)
  return { bytes, rows }
}

test('memory does not grow with the rows of a file whose orders lie scattered', async () => {
  const file = join(folder, 'orders.csv')
  await writeOrders(file, 20_000)
  const { bytes, rows } = await heapOf(file, 20_000)
  expect(rows).toBe(80_000)
  // The rows are some 8 MB as text, and 90 MB as objects all at once; each of three sorts was given 1 MB of text.
  expect(bytes).toBeLessThan(40 << 20)
}, 240_000)
