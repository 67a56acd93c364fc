import { parseCsvMap } from '../../../generator/csv/map'
import { type Guess, guessMap } from '../../../tools/replay/guess'
import { headerWords, plainHeader } from '../../../tools/replay/header-words'
import { timeFormatOf, timeOfDayFormatOf } from '../../../tools/replay/time-shape'
import { currencyOf, isNumber } from '../../../tools/replay/value-shape'

const around = { source: 'shop', zone: 'Europe/Berlin', currency: 'EUR' }

function guessed(header: string, ...lines: readonly string[]): Guess {
  const columns = header.split(';')
  const rows = lines.map((line) => Object.fromEntries(line.split(';').map((cell, i) => [columns[i] ?? '', cell])))
  const guess = guessMap(columns, rows, around)
  if (!('json' in guess)) throw new Error(`missing ${guess.missing.join(', ')}`)
  parseCsvMap(guess.json, 'guess')
  return guess
}

test('a German file is understood by its headers and the look of its values', () => {
  const { json, assumed } = guessed(
    'Beleg;Datum;Filiale;Artikel;Menge;Einzelpreis;Rabatt;Warengruppe',
    'R-1;05.03.2026 09:30;Köln;SCH-1;1;1.234,50;0,00;Schuhe',
    'R-2;25.03.2026 18:05;Köln;SCH-2;-1;3,95;0,50;Schuhe',
  )
  expect(json).toMatchObject({
    source: 'shop',
    numbers: { decimal: ',', grouping: '.' },
    columns: {
      orderId: 'Beleg',
      eventTime: 'Datum',
      storeId: 'Filiale',
      productId: 'Artikel',
      quantity: 'Menge',
      unitPrice: 'Einzelpreis',
      discount: 'Rabatt',
      category: 'Warengruppe',
    },
    constants: { paymentMethod: 'unknown' },
    time: { format: 'd.M.yyyy H:mm', zone: 'Europe/Berlin' },
  })
  expect(assumed).toContain('times are of the zone Europe/Berlin (--zone)')
})

test.each([
  ['Order #;Sold at;Shop;SKU;Qty;Price', 'orderId eventTime storeId productId quantity unitPrice'],
  [
    'Numéro de commande;Date;Magasin;Référence;Quantité;Prix unitaire',
    'orderId eventTime storeId productId quantity unitPrice',
  ],
  ['Pedido;Fecha;Tienda;Código;Cantidad;Precio', 'orderId eventTime storeId productId quantity unitPrice'],
  ['Scontrino;Data;Negozio;Codice;Quantità;Prezzo', 'orderId eventTime storeId productId quantity unitPrice'],
  ['Bonnummer;Datum;Winkel;Artikelcode;Aantal;Prijs', 'orderId eventTime storeId productId quantity unitPrice'],
  ['Paragon;Data;Sklep;Kod produktu;Ilość;Cena', 'orderId eventTime storeId productId quantity unitPrice'],
  ['Kvitto;Datum;Butik;Artikelnr;Antal;Styckpris', 'orderId eventTime storeId productId quantity unitPrice'],
])('%s', (header, fields) => {
  const { json } = guessed(header, 'A1;2026-03-05 09:30;S1;X-1;2;9.99', 'A2;2026-03-05 10:30;S1;X-2;1;4.50')
  const columns = header.split(';')
  expect(fields.split(' ').map((field) => json.columns[field])).toEqual(columns)
})

test('date and time of day in two columns are one time', () => {
  const { json } = guessed(
    'Bon;Datum;Uhrzeit;Artikel;Preis',
    '1;13/03/2026;9:05 AM;A;1.00',
    '2;14/03/2026;4:10 PM;B;2.00',
  )
  expect(json.time).toEqual({ format: 'd/M/yyyy h:mm a', columns: ['Datum', 'Uhrzeit'], zone: 'Europe/Berlin' })
  expect(json.constants).toMatchObject({ quantity: 1, storeId: 'shop' })
})

test('a total without a price is what the line comes to', () => {
  const { json, assumed } = guessed('Order;Date;Item;Qty;Total', '1;2026-03-13;A;2;5.00')
  expect(json.columns).toMatchObject({ amount: 'Total' })
  expect(json.columns).not.toHaveProperty('unitPrice')
  expect(assumed.join()).toContain('"Total" is taken as what the whole line comes to')
  expect(assumed.join()).toContain('no time of day')
})

test('cancelled orders are left out, columns filled once an order are filled down, fractions are no discount', () => {
  const { json, assumed } = guessed(
    'Order ID;Date;Status;Store;Item;Qty;Price;Discount',
    '1;2026-03-13 10:00;paid;S1;A;1;5.00;0.2',
    '1;;;;B;1;3.00;0',
    '2;2026-03-13 11:00;Cancelled;S1;A;1;5.00;0',
  )
  expect(json.where).toEqual([{ column: 'Status', isNot: ['Cancelled'] }])
  expect(json.fillDown).toEqual(['Date', 'Store', 'Status'])
  expect(json.columns).not.toHaveProperty('discount')
  expect(assumed.join()).toContain('"Discount" looks like a fraction')
})

test('the currency is that of a column, of a sign or code, or the installation’s', () => {
  const rows = ['1;2026-03-13;A;$1,200.00', '2;2026-03-14;A;$5.00'] as const
  expect(guessed('Order;Date;Item;Price', ...rows).json.currency).toBe('USD')
  expect(guessed('Order;Date;Item;Price;Currency', '1;2026-03-13;A;5.00;SEK').json).toMatchObject({
    currency: 'SEK',
    columns: { currency: 'Currency' },
  })
  expect(guessed('Order;Date;Item;Price', '1;2026-03-13;A;5.00').json.currency).toBe('EUR')
})

test('what is missing is said', () => {
  expect(guessMap(['Name', 'Colour'], [{ Name: 'x', Colour: 'red' }], around)).toMatchObject({
    missing: ['the order or receipt', 'the date', 'the price'],
    found: { productName: 'Name' },
  })
})

test('a word means one thing', () => {
  const all = Object.entries(headerWords).flatMap(([meaning, words]) => words.map((word) => [word, meaning] as const))
  const twice = all.filter(([word], index) => all.findIndex(([other]) => other === word) !== index)
  expect(twice).toEqual([])
  expect(all.map(([word]) => word).filter((word) => plainHeader(word) !== word)).toEqual([])
})

test.each([
  ['2026-03-05 09:30:00', 'yyyy-MM-dd H:mm:ss'],
  ['2026-03-05T09:30:00+01:00', 'yyyy-MM-ddTHH:mm:ssx'],
  ['2026-03-05T09:30:00.000Z', 'yyyy-MM-ddTHH:mm:ss.SSSx'],
  ['2026-03-05 09:30:00 +0100', 'yyyy-MM-dd H:mm:ss x'],
  ['25.3.26 9:30', 'd.M.yy H:mm'],
  ['3/25/2026 9:30 PM', 'M/d/yyyy h:mm a'],
  ['25/03/2026', 'd/M/yyyy'],
  ['20260325', 'yyyyMMdd'],
  ['5 Mar 2026', 'd MMM yyyy'],
  ['46086.39583333', 'excel'],
])('%s is %s', (text, format) => {
  expect(timeFormatOf([text], { monthFirst: false })).toEqual({ format })
})

test('days and months that could be either are told apart by another value, else both are given', () => {
  expect(timeFormatOf(['3/5/2026', '3/25/2026'], { monthFirst: false })).toEqual({ format: 'M/d/yyyy' })
  expect(timeFormatOf(['05/03/2026'], { monthFirst: false })).toEqual({ format: 'd/M/yyyy', other: 'M/d/yyyy' })
  expect(timeFormatOf(['05/03/2026'], { monthFirst: true })).toEqual({ format: 'M/d/yyyy', other: 'd/M/yyyy' })
  expect(timeFormatOf(['5/3/2026'], { monthFirst: false })).toEqual({ format: 'M/d/yyyy', other: 'd/M/yyyy' })
  expect(timeFormatOf(['31/02/2026'], { monthFirst: false })).toBeUndefined()
  expect(timeFormatOf([], { monthFirst: false })).toBeUndefined()
  expect(timeOfDayFormatOf(['9:05', '17:30'])).toBe('H:mm')
  expect(timeOfDayFormatOf(['25:00'])).toBeUndefined()
})

test('numbers and currencies as shops write them', () => {
  for (const text of ['1', '-1.50', '1,234.50', '1.234,50', '€12.50', '12,50 kr', '(3.00)', 'USD 5.00']) {
    expect([text, isNumber(text)]).toEqual([text, true])
  }
  for (const text of ['', 'A-1', '2026-03-05', '10 pcs']) expect([text, isNumber(text)]).toEqual([text, false])
  expect(currencyOf(['£1.00', '2.00', '£3.00'])).toBe('GBP')
  expect(currencyOf(['CHF 1.00'])).toBe('CHF')
  expect(currencyOf(['£1.00', '€1.00'])).toBeUndefined()
  expect(currencyOf(['1.00'])).toBeUndefined()
})
