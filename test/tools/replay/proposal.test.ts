import { join } from 'node:path'
import { parseCsvMap } from '../../../generator/csv/map'
import { readCsvEvents } from '../../../generator/csv/source'
import { type DecodeRules } from '../../../src/event/decode'
import { dryRun } from '../../../tools/replay/dry-run'
import { propose } from '../../../tools/replay/proposal'
import { checkMap, sampleOf } from '../../../tools/replay/sample'
import { showProposal } from '../../../tools/replay/show-proposal'
import { csvFolder } from './files'

const { file, bytes, remove } = csvFolder()
afterAll(remove)

const known = { zone: 'Europe/London', currency: 'GBP' }
const nowMs = Date.parse('2026-11-29')
const rulesOf = (currency: string): DecodeRules => ({
  currency,
  maxAheadMs: 300_000,
  maxBehindMs: Infinity,
  maxEventBytes: 256 * 1024,
})

/** What is printed for a file. */
async function shown(path: string, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const proposal = await propose([path], known)
  const rules = rulesOf(proposal.json.currency)
  return showProposal(proposal, { examples: await sampleOf(path, proposal.map, { rules, rows: 10, nowMs }), changes })
}

const samples = join(__dirname, '..', '..', '..', 'generator', 'samples')

test('a Shopify export is known, and shown as what it means', async () => {
  const text = await shown(join(samples, 'shopify-orders.csv'))
  expect(text.split('\n').slice(0, 19)).toEqual([
    'shopify-orders.csv: Shopify, orders export',
    '  file            utf-8, commas, 79 columns, numbers as 1,234.50',
    '  time            "Created at" as yyyy-MM-dd HH:mm:ss x, offset in the text',
    '  currency        GBP',
    '  an order        rows with the same "Name"',
    '  left out        rows whose "Financial Status" is voided',
    '  orderId         "Name"',
    '  storeId         "Location"',
    '  channel         "Source"',
    '  paymentMethod   "Payment Method"',
    '  country         "Shipping Country"',
    '  currency        "Currency"',
    '  productId       "Lineitem sku", else "Lineitem name"',
    '  brand           "Vendor"',
    '  quantity        "Lineitem quantity"',
    '  unitPrice       "Lineitem price"',
    '  discount        of the order: "Discount Amount"',
    '  shipping        of the order: "Shipping"',
    '  tax             of the order: "Taxes"',
  ])
  expect(text).toContain('  assumed         totals show that prices contain the tax\n')
  expect(text).toContain(
    [
      '    2026-03-02T20:58:41.000Z  online  #1043  PayPal',
      '      2 × APR-LIN at 38.00 tax 11.40',
      '      1 × TWL-LIN at 12.00 tax 1.80',
      '      discount 8.80',
    ].join('\n'),
  )
})

test('no line is wider than a terminal of 80 columns', async () => {
  const long = 'A column whose name goes on and on '.repeat(4).trim()
  const path = file(
    'a file with a very long name that nobody would give it but for a test of such names.csv',
    `Order,Date,Item,Price,${long}`,
    `1,2026-03-05 10:00,${'X'.repeat(120)},1.00,x`,
  )
  const text = await shown(path, { CURRENCY: 'EUR', BUSINESS_ZONE: 'Europe/Berlin' })
  expect(text).toContain('CURRENCY=EUR, BUSINESS_ZONE=Europe/Berlin in a new\n')
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('a file of unknown format is guessed at, Windows-1252 and semicolons too', async () => {
  const lines = 'Beleg;Datum;Filiale;Artikel;Menge;Einzelpreis\nR-1;13.03.2026 09:30;Köln-Süd;SCH-1;1;1.234,50\n'
  const proposal = await propose([bytes('umsatz_2026-03.csv', Buffer.from(lines, 'latin1'))], known)
  expect(proposal).toMatchObject({ encoding: 'windows-1252', delimiter: ';', json: { source: 'umsatz' } })
  expect(proposal.format).toBeUndefined()
  const [example] = await sampleOf(proposal.file, proposal.map, { rules: rulesOf('GBP'), rows: 10, nowMs })
  expect(example).toMatchObject({ event: { storeId: 'Köln-Süd', lines: [{ productId: 'SCH-1', unitPrice: 1234.5 }] } })
  expect(example?.refusal).toBeUndefined()
})

test('the shape of a known format’s times and numbers is that of the file', async () => {
  const retail = 'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country'
  const { json, assumed } = await propose(
    [file('retail.csv', retail, '590001,23001,BOWL,12,05/03/2026 08:26,1.25,13085.0,Elbonia')],
    known,
  )
  expect(json.time).toEqual({ format: 'd/M/yyyy H:mm', zone: 'Europe/London' })
  expect(assumed).toEqual([
    'day and month could be either way: read as d/M/yyyy H:mm, not M/d/yyyy H:mm (--time-format)',
  ])
  const said = await propose([join(file('again.csv', retail, '1,A,x,1,05/03/2026 08:26,1.25,,x'))], {
    ...known,
    timeFormat: 'M/d/yyyy H:mm',
  })
  expect(said.json.time.format).toBe('M/d/yyyy H:mm')
  expect(said.assumed).toEqual([])
})

test('whether prices contain the tax is read off the totals, and is left open where they do not tell', async () => {
  const header =
    'Name,Financial Status,Created at,Lineitem quantity,Lineitem name,Lineitem price,Subtotal,Shipping,Taxes,Total'
  const order = (total: string, tax: string) =>
    `#1,paid,2026-03-05 10:00:00 +0100,1,Mug,20.00,20.00,5.00,${tax},${total}`
  const constantsOf = async (name: string, line: string) =>
    (await propose([file(name, header, line)], known)).json.constants
  expect(await constantsOf('contained.csv', order('25.00', '4.17'))).toMatchObject({ taxIncluded: true })
  expect(await constantsOf('on-top.csv', order('29.17', '4.17'))).toMatchObject({ taxIncluded: false })
  expect(await constantsOf('open.csv', order('25.00', '0.00'))).not.toHaveProperty('taxIncluded')
})

test('the currency of a known format is the file’s by a column or a sign, else the installation’s', async () => {
  const header =
    'Date,Time,Time Zone,Category,Item,Qty,SKU,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Event Type'
  const row = (amount: string) =>
    `2026-03-05,09:12:40,Eastern Time (US & Canada),Bikes,Roadster,1.0,,${amount},,${amount},,t1,Payment`
  const { json, assumed } = await propose([file('dollars.csv', header, row('$12.00'))], known)
  expect(json).toMatchObject({ currency: 'USD', constants: { storeId: 'square' } })
  expect(assumed).toEqual(['the currency is USD, by the sign of amounts'])
  expect((await propose([file('bare.csv', header, row('12.00'))], known)).json.currency).toBe('GBP')
})

test('an export without lines names the one to take, and Olist’s orders go with their items', async () => {
  const orders = file(
    'olist_orders_dataset.csv',
    'order_id,customer_id,order_status,order_purchase_timestamp',
    'o1,c1,delivered,2026-03-05 20:30:00',
  )
  const items = file(
    'olist_order_items_dataset.csv',
    'order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value',
    'o1,1,p1,s1,2026-03-11 10:00:00,58.90,13.29',
  )
  await expect(propose([orders], known)).rejects.toThrow('this is "Olist, orders"; its items are in olist_order_items')
  const { files, json } = await propose([orders, items], known)
  expect({ files, join: json.join }).toMatchObject({ files: [items], join: [{ file: orders }] })
  await expect(propose([items, file('other.csv', 'a,b', '1,2')], known)).resolves.toMatchObject({
    files: { length: 2 },
  })
})

test('columns that are not there are named, with what was found and what to do', async () => {
  await expect(propose([file('stock.csv', 'SKU,On hand,Price', 'A,5,1.00')], known)).rejects.toThrow(
    /found none for the order or receipt, the date\n {2}found productId: SKU, unitPrice: Price\n.*--map/s,
  )
  await expect(propose([file('empty.csv', 'Order,Date,Item,Price')], known)).rejects.toThrow('no rows')
})

const map = (columns: Readonly<Record<string, string>>, format = 'yyyy-MM-dd HH:mm') =>
  parseCsvMap(
    {
      source: 'x',
      currency: 'GBP',
      columns,
      constants: { storeId: 's', paymentMethod: 'cash' },
      time: { format, zone: 'UTC' },
    },
    'test',
  )
const columns = { orderId: 'Receipt', eventTime: 'When', productId: 'Item', quantity: 'Qty', unitPrice: 'Price' }

test('a map that cannot be right is told before anything is started', async () => {
  const path = file(
    'sales.csv',
    'Receipt,When,Item,Qty,Price',
    'L1,2026-03-05 09:30,TEA,1,2.00',
    'L2,2026-03-05 09:31,TEA,1,',
  )
  const check = (with_: ReturnType<typeof map>, currency = 'GBP') =>
    checkMap([path], with_, { rules: rulesOf(currency), nowMs })
  await expect(check(map(columns))).resolves.toBeUndefined()
  await expect(check(map({ ...columns, unitPrice: 'Cost' }))).rejects.toThrow(
    'expected columns Cost, got Receipt, When',
  )
  const wrongTime = await check(map(columns, 'dd/MM/yyyy HH:mm')).catch(String)
  expect(wrongTime).toContain('schema: eventTime: expected')
  expect(wrongTime).toContain('"2026-03-05 09:30" (2 times)')
  expect(wrongTime).toContain('nothing was started or sent')
  await expect(check(map(columns), 'EUR')).rejects.toThrow('currency: expected EUR')
})

/** Exports as systems for shops write them: the zone and currency nobody reads off them, and what they come to. */
const cases: readonly (readonly [file: string, zone: string, currency: string, comesTo: object])[] = [
  ['a1-shopify.csv', 'UTC', 'EUR', { netMinor: 80_00, orders: 2, pieces: 8, shippingMinor: 4_95 }],
  ['a2-square.csv', 'UTC', 'USD', { netMinor: 1254_50, orders: 2, returnReceipts: 1, pieces: 3 }],
  ['a3-german.csv', 'Europe/Berlin', 'EUR', { netMinor: 1238_45, orders: 1, returnReceipts: 1, pieces: 2 }],
  ['a3b-cp1252.csv', 'Europe/Berlin', 'EUR', { netMinor: 1238_45, orders: 1, returnReceipts: 1, pieces: 2 }],
  ['a3c-decimal-comma.csv', 'Europe/Berlin', 'EUR', { netMinor: 1238_45, orders: 1, returnReceipts: 1, pieces: 2 }],
  ['a4-amazon.tsv', 'UTC', 'EUR', { netMinor: 38_96, orders: 2, pieces: 4, shippingMinor: 9_98 }],
  ['a4b-amazon-comma.csv', 'UTC', 'EUR', { netMinor: 38_96, orders: 2, pieces: 4 }],
  ['a5-superstore.csv', 'UTC', 'USD', { netMinor: 300_94, orders: 2, pieces: 9 }],
  ['a6-olist-items.csv', 'UTC', 'BRL', { netMinor: 117_80, orders: 1, pieces: 2, shippingMinor: 26_58 }],
  ['a7-retail2.csv', 'UTC', 'GBP', { netMinor: 32_15, orders: 1, returnReceipts: 1, pieces: 24 }],
  ['a8-excel.csv', 'UTC', 'EUR', { netMinor: 37_50, orders: 2, pieces: 3 }],
  ['a8b-accounting.csv', 'UTC', 'EUR', { netMinor: 2620_10, orders: 5, returnReceipts: 1 }],
  ['a9-dst.csv', 'Europe/Warsaw', 'EUR', { netMinor: 70_00, orders: 7 }],
  ['a10-kwd.csv', 'Asia/Kuwait', 'KWD', { netMinor: 5_335, orders: 3, returnReceipts: 1 }],
  ['a11-line-times.csv', 'UTC', 'EUR', { netMinor: 7_00, orders: 2, pieces: 4 }],
  ['c1-chicago.csv', 'America/Chicago', 'EUR', { netMinor: 1110_00, orders: 3 }],
]

test.each(cases)(
  '%s comes to what is right by the map that is proposed for it',
  async (name, zone, currency, comesTo) => {
    const { files, map: proposed } = await propose([join(__dirname, '..', '..', 'generator', 'cases', name)], {
      zone,
      currency,
    })
    const calendar = { zone, startMinutes: 0 }
    const { days } = await dryRun(readCsvEvents({ files, map: proposed }), {
      rules: rulesOf(currency),
      calendar,
      nowMs,
    })
    const sum = (field: 'orders' | 'returnReceipts' | 'pieces' | 'netMinor' | 'shippingMinor') =>
      days.reduce((total, day) => total + day[field], 0)
    expect({
      orders: sum('orders'),
      returnReceipts: sum('returnReceipts'),
      pieces: sum('pieces'),
      netMinor: sum('netMinor'),
      shippingMinor: sum('shippingMinor'),
    }).toMatchObject(comesTo)
  },
)
