import { againstText, named, tradeSummary, tradeTileNames, tradeTiles } from '../../dashboard/trade-tiles'
import { trade, tradeOfNothing } from './answers'

const shown = (answer: typeof trade) =>
  Object.fromEntries(
    tradeTiles(answer).map(({ name, value, change, note }) => [name, [value, change?.words ?? '', note].join(' | ')]),
  )

test('tiles stand against the same weekday up to the same minute', () => {
  expect(againstText(trade)).toBe('Compared with Sun 22 Nov up to 14:03')
  expect(shown(trade)).toEqual({
    'Net sales': '€12,345.50 | up 23% | was €10,000.00',
    Orders: '431 | same | was 431',
    'Average order': '€28.64 | up 23% | was €23.20',
    'Items per basket': '3.02 | down 14% | was 3.5',
    'Active customers': '57 |  | known, in the last 60 min',
    'Hour, projected': '€10,100.00 |  | 350 orders until 15:00',
    'Day, projected': '€24,000.00 |  | 840 orders by its end',
    'Open stock-outs': '2 |  | 3 opened, 1 resolved today',
    'Data quality': '99.5% | up 0.3 points | 25 of 5,000 rejected',
    'Late events': '12 | new | latest by 95 s',
  })
})

test('with nothing a week before everything is new', () => {
  const fresh = { ...trade, weekBefore: null }
  expect(againstText(fresh)).toMatch('all of today is new')
  expect(shown(fresh)).toMatchObject({ 'Net sales': '€12,345.50 | new | ', Orders: '431 | new | ' })
})

test('before the first sale figures are dashes', () => {
  expect(againstText(tradeOfNothing)).toBe('Nothing sold yet on Sun 29 Nov')
  expect(shown(tradeOfNothing)).toMatchObject({
    'Net sales': '– |  | ',
    'Day, projected': '– |  | nothing to go by yet',
  })
})

test('every tile has its place', () => {
  expect(tradeTiles(trade).map(({ name }) => name)).toEqual(tradeTileNames)
})

test('money lost to empty shelves is said where it is known', () => {
  const { today } = trade
  if (!today) throw new Error('expected a day')
  const lost = { shelves: 1, ofShelves: 2, revenueMinor: 8_000 }
  const answer = { ...trade, today: { ...today, stockouts: { ...today.stockouts, lost } } }
  expect(shown(answer)['Open stock-outs']).toBe('2 |  | 3 opened, 1 resolved today, €80.00 lost')
})

test('the view in a sentence', () => {
  expect(tradeSummary(trade)).toBe('Net sales €12,345.50, up 23%; 431 orders; 2 open stock-outs')
  expect(tradeSummary(tradeOfNothing)).toBe('Nothing sold yet')
  expect([named(''), named('pos')]).toEqual(['not said', 'pos'])
})
