import fc from 'fast-check'
import { complete } from '../../../tools/query/completion'
import { joinNewest } from '../../../tools/query/history'
import { near } from '../../../tools/query/near'
import { cut, fill, printable, printableLines, widthOf, wrap } from '../../../tools/query/printable'
import { allStatements, splitStatements, withoutLeadingComments } from '../../../tools/query/statements'

// eslint-disable-next-line no-control-regex -- control characters are what must not be left
const steering = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

describe('text of others', () => {
  test('whatever it is, nothing in it steers a terminal', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 40 })
    fc.assert(
      fc.property(anything, (text) => {
        expect(printable(text)).not.toMatch(steering)
      }),
    )
  })

  test('is shown as what it is', () => {
    expect(printable('\u001b[31mred\u0007\u009b2J\n\u202eabc\ud800 Zürich 👩‍💻 東京')).toBe(
      '\\x1b[31mred\\x07\\x9b2J\\n\\u{202e}abc\\u{d800} Zürich 👩‍💻 東京',
    )
    expect(printableLines('a\u001b\nb')).toBe('a\\x1b\nb')
  })

  test('is measured, cut and filled by the columns it takes', () => {
    expect([widthOf('abc'), widthOf('東京'), widthOf('e\u0301')]).toEqual([3, 4, 1])
    expect(cut('東京都', 5)).toBe('東京…')
    expect(cut('abc', 3)).toBe('abc')
    expect(fill('東京', 6, 'right')).toBe('  東京')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
        expect(widthOf(fill(printable(text), columns))).toBe(columns)
      }),
    )
    expect(wrap('one two three', 7)).toEqual(['one two', 'three'])
  })
})

describe('statements', () => {
  test.each([
    ['SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
    [
      `SELECT ';', "a;b", E'\\';', $$;$$, $x$;$$;$x$;SELECT 2;`,
      [`SELECT ';', "a;b", E'\\';', $$;$$, $x$;$$;$x$`, 'SELECT 2'],
    ],
    [`SELECT 'it''s;'; -- c;d\n /* e;f */ ;`, [`SELECT 'it''s;'`]],
    [';;  ;', []],
    ['-- nothing', []],
    [`SELECT '; never closed`, [`SELECT '; never closed`]],
  ])('%p', (sql, statements) => expect(allStatements(sql)).toEqual(statements))

  test('an open statement is kept for the lines that follow', () => {
    expect(splitStatements('SELECT 1; SELECT\n')).toEqual({
      statements: ['SELECT 1'],
      rest: ' SELECT\n',
      isBlank: false,
    })
    expect(splitStatements('SELECT 1; -- done\n').isBlank).toBe(true)
    expect(withoutLeadingComments('-- a\n /* b */ SELECT 1 -- c')).toBe('SELECT 1 -- c')
  })
})

test('names near a mistyped one', () => {
  const names = ['sales_1m', 'store_1m', 'mix_1m', 'gold_customers', 'gold_daily_store']
  expect(near('sale_1m', names)).toEqual(['sales_1m'])
  expect(near('customers', names)).toEqual(['gold_customers'])
  expect(near('stroe_1m', names)).toContain('store_1m')
  expect(near('weather', names)).toEqual([])
})

describe('completion', () => {
  const names = new Map([
    ['sales_1m', ['store_id', 'total_qty']],
    ['store_1m', ['store_id', 'total_revenue']],
  ])
  const of = (line: string, before = '') => complete(line, { names, before })[0]
  test('tables where a table stands, columns of the tables that are mentioned elsewhere', () => {
    expect(of('SELECT * FROM s')).toEqual(['sales_1m', 'store_1m'])
    expect(of('FROM store_1m WHERE tot')).toEqual(['total_revenue'])
    expect(of('SELECT tot')).toEqual(['total_qty', 'total_revenue'])
    expect(of('WHERE tot', 'SELECT 1 FROM sales_1m')).toEqual(['total_qty'])
    expect(of('FROM sales_1m s WHERE s.st')).toEqual(['s.store_id'])
    expect(of('SELECT 1 GRO')).toEqual(['GROUP'])
    expect(of('.sch')).toEqual(['.schema'])
    expect(of('.schema st')).toEqual(['store_1m'])
  })
})

test('a statement of several lines is one entry of the history, unless a comment would swallow the rest', () => {
  const history = ['FROM b', 'SELECT a', 'older']
  joinNewest(history, 'SELECT a\n')
  expect(history).toEqual(['SELECT a FROM b', 'older'])
  const commented = ['FROM b', 'SELECT a -- c', 'older']
  joinNewest(commented, 'SELECT a -- c\n')
  expect(commented).toHaveLength(3)
})
