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
  expect(faults).toHaveLength(6)
  expect(faults).toEqual(
    expect.arrayContaining([
      'map: expected no "colour"',
      'columns/quantity: must be string, got 7',
      'columns/size: expected one of …',
      'constants/channel: must be equal to one of the allowed values, got "fax"',
      'time/zone: expected a value, got nothing',
    ]),
  )
})

test('faults that only the values together show are listed too', () => {
  const { quantity: _quantity, ...columns } = uci.columns
  const time = { format: 'yyyy-MM-dd hh:mm', zone: 'Europe/Londn' }
  expect(faultsOf({ ...uci, columns, time, constants: { ...uci.constants, country: 'UK' } })).toEqual([
    'time/format: time format "yyyy-MM-dd hh:mm": expected yyyy, MM, M, dd, d, HH, H, mm, ss, got "hh"',
    'time/zone: Invalid time zone specified: Europe/Londn',
    'columns/quantity: expected a column, or a constant, got neither',
    'constants/country: expected a column or a constant, got both',
  ])
})

test('what is no object is no map', () => {
  expect(faultsOf(null)).toEqual(['map: must be object, got null'])
})
