import { parseCsvMap } from '../../../generator/csv/map'
import uci from '../../../generator/maps/uci-online-retail.json'

function faultsOf(value: unknown): readonly string[] {
  try {
    parseCsvMap(value, 'my.json')
    return []
  } catch (error) {
    const [head = '', ...faults] = error instanceof Error ? error.message.split('\n  ') : []
    expect(head).toBe(`csv map my.json: expected no faults, got ${faults.length}:`)
    return faults.map((fault) =>
      fault.replace(/one of orderId?.*|one of schemaVersion.*|one of eventTime.*/, 'one of …'),
    )
  }
}

test('the map in the repository has no faults', () => {
  expect(faultsOf(uci)).toEqual([])
})

test('every fault of a map is listed', () => {
  const faulty = {
    ...uci,
    currency: 'pounds',
    colour: 'red',
    columns: { ...uci.columns, quantity: 7, size: 'Size' },
    constants: { channel: 'fax' },
    time: { format: 'yyyy-MM-dd' },
  }
  const faults = faultsOf(faulty)
  expect(faults).toHaveLength(5)
  expect(faults).toEqual(
    expect.arrayContaining([
      'map: expected no "colour"',
      'columns/quantity: expected a text, or a list of texts, got 7',
      'columns/size: expected one of …',
      'constants/channel: must be equal to one of the allowed values, got "fax"',
    ]),
  )
})

test('faults that only the values together show are listed too', () => {
  const { quantity: _quantity, ...columns } = uci.columns
  const time = { format: 'yyyy-MM-dd hh:mm', zone: 'Europe/Londn' }
  expect(faultsOf({ ...uci, columns, time, constants: { ...uci.constants, country: 'UK' } })).toEqual([
    'time/format: time format "yyyy-MM-dd hh:mm": expected a beside h, or H without it',
    'time/zone: Invalid time zone specified: Europe/Londn',
    'columns/quantity: expected a column, or a constant, got neither',
    'constants/country: expected a column or a constant, got both',
  ])
})

test('what is no object is no map', () => {
  expect(faultsOf(null)).toEqual(['map: must be object, got null'])
})

const faultyMaps: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
  [
    { time: { format: 'yyyy-MM-dd' } },
    'time/zone: expected a zone, a zoneColumn, or x for the offset in the format, got none',
  ],
  [{ time: { format: [], zone: 'UTC' } }, 'time/format: expected a text, or a list of texts, got []'],
  [
    { numbers: { decimal: ',', grouping: ',' } },
    'numbers/grouping: expected another mark than the decimal one, got ","',
  ],
  [{ order: { tax: 7 } }, 'order/tax: expected a text, or {"sum": text}, got 7'],
  [
    { order: { tax: 'VAT' }, constants: { ...uci.constants, taxRate: 0.2 } },
    'order/tax: expected the tax of the order, or taxRate of its lines, got both',
  ],
  [{ where: [{ column: 'Country' }] }, 'where/0: must NOT have fewer than 2 properties, got {"column":"Country"}'],
  [{ where: [{ column: 'Country', matches: '(' }] }, 'where/0/matches: must match format "regex", got "("'],
  [
    { kinds: [{ when: { column: 'StockCode', is: ['POST'] }, kind: 'post' }] },
    'kinds/0/kind: must be equal to one of the allowed values, got "post"',
  ],
]

test.each(faultyMaps)('%j is a fault', (part, fault) => {
  expect(faultsOf({ ...uci, ...part })).toEqual([fault])
})

test('a map without an event time is a fault, one whose total stands for the price is none', () => {
  const { eventTime: _eventTime, ...untimed } = uci.columns
  expect(faultsOf({ ...uci, columns: untimed })).toEqual([
    'columns/eventTime: expected a column, or several in time/columns, got neither',
  ])
  const { unitPrice, ...unpriced } = uci.columns
  expect(faultsOf({ ...uci, columns: unpriced })).toEqual([
    'columns/unitPrice: expected a column, or a constant, got neither',
  ])
  expect(faultsOf({ ...uci, columns: { ...unpriced, amount: unitPrice } })).toEqual([])
})

test('what a map does not say has its meaning', () => {
  const { orderKey, numbers, time, columns } = parseCsvMap(uci, 'uci')
  expect(orderKey).toEqual(['Country', 'InvoiceNo'])
  expect(numbers).toEqual({ decimal: '.', grouping: ',', signs: [] })
  expect(time).toMatchObject({ columns: ['InvoiceDate'], formats: ['yyyy-MM-dd HH:mm:ss'], repeated: 'order' })
  expect(columns).not.toHaveProperty('eventTime')
  const filled = {
    ...uci,
    fillDown: ['Country'],
    numbers: { decimal: ',' },
    time: { format: 'excel', zone: 'Romance Standard Time' },
  }
  expect(parseCsvMap(filled, 'uci')).toMatchObject({
    orderKey: ['InvoiceNo'],
    numbers: { decimal: ',', grouping: '.' },
    time: { zone: 'Europe/Paris' },
  })
})
