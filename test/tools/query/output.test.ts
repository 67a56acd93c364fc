import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { DuckDBInstance } from '@duckdb/node-api'
import { gridOf, type GridLimits } from '../../../tools/query/grid'
import { coloured, plain } from '../../../tools/query/paint'
import { widthOf } from '../../../tools/query/printable'
import { type Session, withSession } from '../../../tools/query/session'
import { runShell, type ShellOptions } from '../../../tools/query/shell'
import { printableJson, writeCsv, writeParquetFile } from '../../../tools/query/write'
import { type Store } from '../../../src/lake/store'
import { column } from '../../lake/tables'
import { memoryStore } from '../../lake/store/memory-store'
import { put, putSilver, salesRow } from './lake'

let store: Store
let folder: string
beforeEach(async () => {
  store = memoryStore()
  folder = await mkdtemp(join(tmpdir(), 'tillstream-query-'))
  await putSilver(store, 'sales_1m', [salesRow('2010-12-01T08:00:00', 'S1', 'A', 2, 300)])
})
afterEach(() => rm(folder, { recursive: true }))

const hostile = '\u001b[2J\u001b]0;owned\u0007=cmd|x\n\u202e'

function grid(sql: string, limits: Partial<GridLimits> = {}, paint = plain): Promise<string> {
  return withSession(store, async (session) => {
    return (await gridOf(await session.ask(sql), { limits: { rows: 100, ...limits }, paint })).text
  })
}

describe('the grid', () => {
  test('numbers stand to the right, text to the left, and null is not the text null', async () => {
    const sql = `SELECT * FROM (VALUES ('a', 1.50::DECIMAL(9,2), NULL), ('null', -20, 3)) v(name, money, count)`
    expect((await grid(sql)).split('\n')).toEqual([
      '┌──────┬────────┬───────┐',
      '│ name │  money │ count │',
      '├──────┼────────┼───────┤',
      '│ a    │   1.50 │  null │',
      '│ null │ -20.00 │     3 │',
      '└──────┴────────┴───────┘',
      '2 rows',
    ])
    expect(await grid(sql, {}, coloured)).toContain('│ \u001b[2m null\u001b[22m │')
  })

  test('nothing is wider than the terminal; text is cut first, then columns are left out, and both are said', async () => {
    const sql = `SELECT repeat('x', 300) AS long, 123456789 AS number, TIMESTAMPTZ '2010-12-01 08:00:00+00' AS at,
      repeat('y', 40) AS other`
    for (const columns of [20, 40, 60, 80, 100]) {
      const lines = (await grid(sql, { columns })).split('\n')
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns)
    }
    const narrow = await grid(sql, { columns: 60 })
    expect(narrow).toContain('123456789')
    expect(narrow).toContain('2010-12-01 08:00:00+00')
    expect(narrow.replaceAll('\n', ' ')).toContain('1 columns left out for lack of room: other')
    expect((await grid(sql, { columns: 100 })).replaceAll('\n', ' ')).toContain('cut where it ends in …')
  })

  test('text of the lake does not reach the terminal raw, nor do names', async () => {
    const schema = { columns: [column('note', 'string')], partitionBy: [] }
    await put(store, { root: 'gold/notes', schema, rows: [{ note: hostile }] })
    const shown = await grid(`SELECT note, {'deep': [note]} AS struct, 1 AS "\u001b[31m" FROM gold_notes`)
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(shown).toContain('\\x1b[2J')
    await expect(grid(`SELECT note::INTEGER FROM gold_notes`)).rejects.toThrow('Conversion Error')
  })

  test('EXPLAIN is a drawing of many lines', async () => {
    expect(await grid('EXPLAIN SELECT count(*) FROM sales_1m')).toMatch(/┌─+┐\n│ /)
  })
})

describe('CSV', () => {
  const csv = (sql: string, { isTTY = false, limit = 0 } = {}) =>
    withSession(store, async (session) => {
      const to = Object.assign(new PassThrough(), { isTTY })
      const written = text(to)
      await writeCsv(await session.ask(sql), to, { limit })
      to.end()
      return written
    })

  test('is quoted where it has to be, and no text is a formula to a spreadsheet', async () => {
    const sql = `SELECT '=1+1' AS f, -5 AS n, -1.50::DECIMAL(9,2) AS d, NULL AS z, 'a"b,c' AS q, [1, 2] AS l, '@x' AS "-name"`
    expect(await csv(sql)).toBe(`f,n,d,z,q,l,'-name\n'=1+1,-5,-1.50,,"a""b,c","[1,2]",'@x\n`)
  })

  test('has the bytes as they are in a file, and escapes on a terminal', async () => {
    const sql = `SELECT chr(27) || '[2J' AS note`
    expect(await csv(sql)).toBe('note\n\u001b[2J\n')
    expect(await csv(sql, { isTTY: true })).toBe('note\n\\x1b[2J\n')
  })

  test('ends where it is told to, and quietly where nobody reads on', async () => {
    expect(await csv('SELECT range AS n FROM range(1000000000)', { limit: 2 })).toBe('n\n0\n1\n')
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    })
    await withSession(store, async (session) => {
      await writeCsv(await session.ask('FROM range(1000000)'), gone)
    })
  })
})

test('JSON on a terminal has no control characters, those that JSON leaves alone included', () => {
  expect(printableJson({ ['a\u009b']: ['\u007f', { b: '\u202e' }, 1, null] })).toEqual({
    'a\\x9b': ['\\x7f', { b: '\\u{202e}' }, 1, null],
  })
})

test('a Parquet file has the columns and types of the answer, whatever ends the statement', async () => {
  const file = join(folder, "o'ut.parquet")
  const rows = await withSession(store, (session) =>
    writeParquetFile(session, 'SELECT date, store_id, total_revenue FROM sales_1m -- all', { file }),
  )
  expect(rows).toBe(1)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const read = await connection.runAndReadAll(`FROM read_parquet('${file.replaceAll("'", "''")}')`)
  expect(read.columnTypes().map(String)).toEqual(['DATE', 'VARCHAR', 'DECIMAL(18,2)'])
  expect(read.getRowObjectsJson()).toEqual([{ date: '2010-12-01', store_id: 'S1', total_revenue: '3.00' }])
  connection.closeSync()
})

test('a Parquet file has sums of whole numbers exactly, nested ones too', async () => {
  const file = join(folder, 'sums.parquet')
  // Whole numbers of 2^53 + 1 and more are where a double is the first to be wrong.
  const sql = `SELECT sum(n) AS total, max(n) AS n, sum(n) AS total, {'HUGEINT': [sum(n)]} AS "a ""b"""
    FROM (VALUES (9007199254740992), (1)) v(n) -- all`
  const rows = await withSession(store, (session) => writeParquetFile(session, sql, { file }))
  expect(rows).toBe(1)
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const read = await connection.runAndReadAll(`FROM read_parquet('${file}')`)
  expect(read.columnNames()).toEqual(['total', 'n', 'total_1', 'a "b"'])
  expect(read.columnTypes().map(String)).toEqual([
    'DECIMAL(38,0)',
    'BIGINT',
    'DECIMAL(38,0)',
    'STRUCT("HUGEINT" DECIMAL(38,0)[])',
  ])
  expect(read.getRowsJson()).toEqual([
    ['9007199254740993', '9007199254740992', '9007199254740993', { HUGEINT: ['9007199254740993'] }],
  ])
  connection.closeSync()
})

test('a Parquet file keeps the order asked for, and says no to a sum of more than 38 digits', async () => {
  const file = join(folder, 'order.parquet')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await withSession(store, async (session) => {
    const sql = 'SELECT range // 7 AS n, sum(range) AS s FROM range(70000) GROUP BY n ORDER BY s DESC'
    expect(await writeParquetFile(session, sql, { file })).toBe(10000)
    const huge = `SELECT 170141183460469231731687303715884105727::HUGEINT AS n`
    await expect(writeParquetFile(session, huge, { file })).rejects.toThrow('DECIMAL(38,0)')
  })
  const read = await connection.runAndReadAll(`FROM read_parquet('${file}')`)
  const found = read.getRows().map(([n]) => Number(n))
  expect(found).toEqual([...found].sort((a, b) => b - a))
  connection.closeSync()
})

describe('the shell', () => {
  const shell = (lines: string, options: Partial<ShellOptions> = {}) =>
    withSession(store, async (session: Session) => {
      const [input, output] = [new PassThrough(), new PassThrough()]
      const said = text(output)
      input.end(lines)
      const counts = await runShell(session, {
        input,
        output,
        paint: plain,
        historyFile: join(folder, 'history'),
        limit: 100,
        report: (date) => Promise.resolve(`page of ${date ?? 'the newest day'}`),
        ...options,
      })
      output.end()
      return { ...counts, said: await said }
    })

  test('answers statement by statement, over lines and several to a line, and the last without its semicolon', async () => {
    const { said, answered, failed } = await shell(`SELECT 1 AS\n  a;SELECT 2 AS b; -- c\n\nSELECT ';' AS c`)
    expect([answered, failed]).toEqual([3, 0])
    expect(said.match(/│ [abc] {0,2} ?│/g)).toHaveLength(3)
  })

  test('an error is shown with the place it is at and ends nothing', async () => {
    const { said, answered, failed } = await shell('SELECT foo FROM sales_1m;\nFROM sale_1m;\n.nothing\nSELECT 1;\n')
    expect([answered, failed]).toEqual([1, 3])
    expect(said).toMatch(/Referenced column "foo" not found[\s\S]*LINE 1: SELECT foo FROM sales_1m\n +\^/)
    expect(said).toContain('did you mean sales_1m?')
    expect(said).toContain('.nothing: no such command')
  })

  test('dot commands', async () => {
    const { said, failed } = await shell(
      [
        '.tables',
        '.schema sales_1m',
        '.at 0',
        'FROM sales_1m;',
        '.at now',
        '.limit 1',
        'FROM range(3);',
        '.report',
        '.report 2010-12-01',
        '.help',
        '.quit',
        "SELECT 'too late';",
      ].join('\n'),
    )
    expect(failed).toBe(0)
    expect(said).toMatch(/│ sales_1m │ +1 │ +1 │/)
    expect(said).toMatch(/│ total_revenue +│ DECIMAL\(18,2\) │ +│ currency units/)
    expect(said).toContain('the table asked is read at version 0')
    expect(said).toContain('0 rows')
    expect(said).toContain('first 1 row; there are more')
    expect(said).toContain('page of the newest day')
    expect(said).toContain('page of 2010-12-01')
    expect(said).not.toContain('too late')
  })

  test('a dot command that is told nonsense says so', async () => {
    const { said, failed } = await shell('.at never\n.limit x\n.schema\n.schema weather\n.tabels\n')
    expect(failed).toBe(5)
    for (const part of [
      'expected a version',
      'expected a whole number',
      'expected a table',
      'no table weather',
      'did you mean .tables?',
    ]) {
      expect(said).toContain(part)
    }
  })

  test('a terminal gets prompts, and what was entered is kept for its user alone', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    await withSession(store, async (session) => {
      const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
      const said = text(terminal)
      input.write('SELECT 1 AS\r')
      input.write('a;\r')
      input.write('.quit\r')
      await runShell(session, {
        input,
        output: terminal,
        paint: plain,
        historyFile: join(folder, 'history'),
        limit: 100,
        report: () => Promise.resolve(''),
      })
      terminal.end()
      expect(await said).toMatch(/lake> [\s\S]* {3}-> /)
    })
    expect(await readFile(join(folder, 'history'), 'utf8')).toBe('SELECT 1 AS a;\n.quit\n')
    expect((await stat(join(folder, 'history'))).mode & 0o077).toBe(0)
  })
})
