import { join } from 'node:path'
import { type At, parseAt } from '../../../tools/query/at'
import { plain } from '../../../tools/query/paint'
import { gridOf } from '../../../tools/query/grid'
import { type Session, type SessionOptions, withSession } from '../../../tools/query/session'
import { columnsAnswer } from '../../../tools/query/columns-answer'
import { jsonAnswer } from '../../../tools/query/write'
import { sketchHash } from '../../../src/fold/sketch'
import { type TableSchema } from '../../../src/lake/schema'
import { type Store } from '../../../src/lake/store'
import { column, counting, storeOfFolder } from '../../lake/tables'
import { memoryStore } from '../../lake/store/memory-store'
import { put, putSilver, salesRow, storeRow } from './lake'

/** All rows of an answer, by column. */
async function ask(session: Session, sql: string, at?: At) {
  return (await jsonAnswer(await session.ask(sql, { at }))).rows
}

function asked(store: Store, sql: string, at?: string, options: SessionOptions = {}) {
  return withSession(store, (session) => ask(session, sql, at === undefined ? undefined : parseAt(at)), options)
}

const notes: TableSchema = {
  columns: [column('shop', 'string'), column('note', 'string'), column('price', 'decimal(18,2)')],
  partitionBy: ['shop'],
}

let store: Store
beforeEach(async () => {
  store = memoryStore()
  await putSilver(store, 'sales_1m', [
    salesRow('2010-12-01T08:00:00', 'S1', 'A', 2, 300),
    salesRow('2010-12-02T09:00:00', 'S2', 'B', 1, 125),
    salesRow('2010-12-03T09:00:00', 'S2', 'B', -1, -125),
  ])
})

test('tables are asked by name with the types the lake gives them', async () => {
  const others = 'item, kind, gross_sales, discounts, units_returned, measured_qty'
  expect(await asked(store, `SELECT * EXCLUDE (${others}) FROM sales_1m WHERE total_qty = 2`)).toEqual([
    {
      date: '2010-12-01',
      window_start: '2010-12-01 08:00:00+00',
      window_end: '2010-12-01 08:01:00+00',
      store_id: 'S1',
      product_id: 'A',
      total_qty: 2,
      total_revenue: '3.00',
      transactions: 1,
      partition_id: 0,
      sequence: 1,
    },
  ])
})

test('every table of the three containers is there, under the name of its folder, as soon as it is written', async () => {
  await withSession(store, async (session) => {
    await put(store, { root: 'gold/extra/notes', schema: notes, rows: [{ shop: 'a', note: 'x', price: 1 }] })
    await put(store, { root: 'bronze/notes', schema: notes, rows: [] })
    expect((await ask(session, 'SHOW TABLES')).map(({ table, rows }) => [table, rows])).toEqual([
      ['bronze_notes', 0],
      ['sales_1m', 3],
      ['gold_extra_notes', 1],
    ])
    expect(await ask(session, 'FROM gold_extra_notes')).toEqual([{ shop: 'a', note: 'x', price: '0.01' }])
    expect(await ask(session, 'FROM BRONZE_notes')).toEqual([])
  })
})

/** A lake with a table of Spark's of which some columns are of types this code has not, and one that is refused whole. */
async function besideForeign(): Promise<Store> {
  for (const name of ['spark-foreign-types', 'spark-timestamp-ntz']) {
    const golden = await storeOfFolder(join(__dirname, '../../lake/golden', name, 'table'), `gold/${name}`)
    for (const { path } of await golden.list('gold'))
      await store.put(path, (await golden.read(path)) ?? new Uint8Array())
  }
  return store
}

describe('tables of other engines', () => {
  test('SHOW TABLES lists every table, and what of it cannot be read and why', async () => {
    const rows = await asked(await besideForeign(), 'SHOW TABLES')
    expect(rows.map(({ table, version, note }) => [table, version, note])).toEqual([
      ['sales_1m', 1, null],
      [
        'gold_spark-foreign-types',
        1,
        'without small, big, tags, weight, place, labels, tiny, short: not readable here',
      ],
      ['gold_spark-timestamp-ntz', null, expect.stringMatching(/^not readable here, because .*timestampNtz/)],
    ])
  })

  test('columns of types that are none here are refused by name when asked for, the others read', async () => {
    const from = 'FROM "gold_spark-foreign-types"'
    await besideForeign()
    expect(await asked(store, `${from} ORDER BY id`)).toEqual([
      { id: 1, name: 'one' },
      { id: 2, name: null },
    ])
    for (const sql of [
      `SELECT tags ${from}`,
      `SELECT t."TAGS" ${from} t`,
      `SELECT id ${from} WHERE tags IS NULL`,
      `WITH a AS (SELECT tags ${from}) FROM a`,
      `SELECT tags.x ${from}`,
    ]) {
      await expect(asked(store, sql)).rejects.toThrow(
        'query: gold_spark-foreign-types column "tags": not readable here, because its type is array',
      )
    }
    await expect(withSession(store, (session) => session.askParquet(`SELECT small ${from}`))).rejects.toThrow(
      'column "small": not readable here, because its type is decimal(10,2)',
    )
    await expect(asked(store, `SELECT tag ${from}`)).rejects.toThrow('Referenced column "tag" not found')
    await expect(asked(store, 'FROM "gold_spark-timestamp-ntz"')).rejects.toThrow('timestampNtz')
  })

  test('their columns are listed with the others', async () => {
    await besideForeign()
    const columns = await withSession(store, async ({ catalog }) => {
      const table = await catalog.find('gold_spark-foreign-types')
      if (!table) throw new Error('expected the table')
      return (await jsonAnswer(columnsAnswer(await catalog.snapshot(table)))).rows
    })
    expect(columns[0]).toEqual({ column: 'id', type: 'BIGINT', notes: 'may be null', meaning: '' })
    expect(columns).toContainEqual({
      column: 'weight',
      type: null,
      notes: 'not readable here, because its type is float',
      meaning: '',
    })
  })
})

test('values, names and partitions may hold quotes, escapes and nulls', async () => {
  const shops = ["it's", 'a/b=c', '50%', 'x"y', 'Zürich [1]', '%41', null]
  const rows = shops.map((shop, price) => ({ shop, note: `'; DROP TABLE "x"; -- ${shop}`, price }))
  await put(store, { root: 'gold/notes', schema: notes, rows })
  const found = await asked(store, 'SELECT shop, note FROM gold_notes ORDER BY price')
  expect(found).toEqual(rows.map(({ shop, note }) => ({ shop, note })))
  expect(await asked(store, `SELECT price FROM gold_notes WHERE shop = 'it''s'`)).toEqual([{ price: '0.00' }])
  expect(await asked(store, 'SELECT price FROM gold_notes WHERE shop IS NULL')).toEqual([{ price: '0.06' }])
})

test('a column that came later is null in older files, and one no file has is there', async () => {
  await put(store, { root: 'gold/notes', schema: notes, rows: [{ shop: 'a', note: 'x', price: 1 }] })
  const wider = { ...notes, columns: [...notes.columns, column('seen_at', 'timestamp'), column('count', 'long')] }
  await put(store, { root: 'gold/notes', schema: wider, rows: [] })
  expect(await asked(store, 'SELECT seen_at, count FROM gold_notes')).toEqual([{ seen_at: null, count: null }])
  await put(store, {
    root: 'gold/notes',
    schema: wider,
    rows: [{ shop: 'b', note: 'y', price: 2, seen_at: 0, count: 9 }],
  })
  expect(await asked(store, 'SELECT seen_at, count FROM gold_notes ORDER BY shop')).toEqual([
    { seen_at: null, count: null },
    { seen_at: '1970-01-01 00:00:00+00', count: 9 },
  ])
})

describe('only files that can matter are fetched', () => {
  const where = (sql: string) => `SELECT count(*) AS n FROM sales_1m ${sql}`
  test.each([
    [where(`WHERE date = '2010-12-01'`), 1, 1],
    [where(`WHERE date >= DATE '2010-12-02' AND store_id = 'S2'`), 2, 2],
    [where(`s WHERE s.date BETWEEN '2010-12-02' AND '2010-12-03' AND total_qty > 0`), 2, 1],
    [where(`WHERE date IN ('2010-12-01', '2010-12-03')`), 2, 2],
    [where(`WHERE NOT date = '2010-12-01'`), 2, 2],
    [where(`WHERE date_trunc('month', date) = '2010-12-01' AND date > DATE '2010-12-03' - INTERVAL 1 DAY`), 1, 1],
    [where(`WHERE date = '2010-12-01' OR store_id = 'S2'`), 3, 3],
    [where(`WHERE random() >= 0 AND strftime(date, '%d') = '01'`), 3, 1],
    [where(`WHERE date = '2010-12-09'`), 0, 0],
    [`SELECT count(*) AS n FROM sales_1m a JOIN sales_1m b ON a.date = b.date WHERE a.date = '2010-12-01'`, 3, 1],
    [`SELECT count(*) AS n FROM sales_1m a, sales_1m b WHERE a.date = '2010-12-01' AND b.date = '2010-12-02'`, 2, 1],
    [`SELECT count(*) AS n FROM (VALUES (1)) v(x) LEFT JOIN sales_1m s ON true WHERE s.date IS NULL`, 3, 0],
    [`SELECT count(*) AS n FROM (VALUES (1)) v(x) ANTI JOIN sales_1m s ON s.total_qty = v.x`, 3, 0],
    [`WITH d AS (FROM sales_1m WHERE date = '2010-12-01') SELECT count(*) AS n FROM d`, 1, 1],
    [
      `SELECT (SELECT count(*) FROM sales_1m WHERE date = '2010-12-01') + count(*) AS n FROM sales_1m WHERE date = '2010-12-02'`,
      2,
      2,
    ],
  ])('%s', async (sql, files, n) => {
    const { store: counted, count } = counting(store)
    expect(await asked(counted, sql)).toEqual([{ n }])
    expect(count('read', '.snappy.parquet')).toBe(files)
  })

  test('and none twice within a session', async () => {
    const { store: counted, count } = counting(store)
    await withSession(counted, async (session) => {
      await ask(session, 'FROM sales_1m')
      await ask(session, `FROM sales_1m WHERE date = '2010-12-02'`)
    })
    expect(count('read', '.snappy.parquet')).toBe(3)
  })

  test('a WHERE that cannot be decided is an error of the statement, with the place', async () => {
    await expect(asked(store, `SELECT 1 FROM sales_1m WHERE date = 'soon'`)).rejects.toThrow(
      /soon[\s\S]*LINE 1[\s\S]*\^/,
    )
  })
})

test('each statement of a session sees what has been committed by then', async () => {
  await withSession(store, async (session) => {
    expect(await ask(session, 'SELECT count(*) AS n FROM sales_1m')).toEqual([{ n: 3 }])
    await putSilver(store, 'sales_1m', [salesRow('2010-12-04T09:00:00', 'S2', 'B', 1, 125)])
    expect(await ask(session, 'SELECT count(*) AS n FROM sales_1m')).toEqual([{ n: 4 }])
  })
})

describe('time travel', () => {
  let at: { store: Store; versions: number[] }
  beforeEach(async () => {
    let nowMs = Date.parse('2026-03-01T08:00:00Z')
    const clocked = memoryStore({ nowMs: () => nowMs })
    const versions: number[] = []
    for (let i = 0; i < 4; i++) {
      versions.push(await putSilver(clocked, 'sales_1m', [salesRow('2010-12-01T08:00:00', 'S1', 'A', 1, 100)]))
      nowMs += 3_600_000
    }
    await put(clocked, { root: 'gold/notes', schema: notes, rows: [] })
    at = { store: clocked, versions }
  })

  const total = 'SELECT sum(total_qty)::INTEGER AS n FROM sales_1m'

  test('by version and by the time of the commit', async () => {
    expect(at.versions).toEqual([1, 2, 3, 4])
    const found = async (when: string) => (await asked(at.store, total, when))[0]?.n
    expect(await Promise.all(['1', '2', '4'].map(found))).toEqual([1, 2, 4])
    expect(await found('2026-03-01T08:59:59Z')).toBe(1)
    expect(await found('2026-03-01 09:00')).toBe(2)
    expect(await found('2026-03-01T10:00:00+01:00')).toBe(2)
    expect(await found('2099-01-01')).toBe(4)
    expect(await asked(at.store, total)).toEqual([{ n: 4 }])
  })

  test('a version that is not there is an error that lists those that are', async () => {
    await expect(asked(at.store, total, '9')).rejects.toThrow(
      /sales_1m has no version 9; available are\n {2}0 {2}2026-03-01 08:00:00.*UTC\n[\s\S]*\n {2}4 {2}2026-03-01 11:00:00/,
    )
    await expect(asked(at.store, total, '2026-03-01T07:59:00Z')).rejects.toThrow(
      'no version as of 2026-03-01 07:59:00 UTC; available are',
    )
  })

  test('a version goes with one table only', async () => {
    await expect(asked(at.store, 'FROM sales_1m, gold_notes', '1')).rejects.toThrow(/expected one table .*give a time/)
  })

  test.each(['yesterday', '2010-13-01', '2010-02-30', '2010-12-01T25:00', '-1', '1.5', ''])(
    '%p is no version and no time',
    (text) => expect(() => parseAt(text)).toThrow('at: expected a version'),
  )
})

test('a table that is not there is an error with the names that are near', async () => {
  await expect(asked(store, 'FROM sale_1m')).rejects.toThrow('no table sale_1m in the lake; did you mean sales_1m?')
  await expect(asked(store, 'FROM sales')).rejects.toThrow('did you mean sales_1m?')
  await expect(asked(store, 'FROM weather')).rejects.toThrow('there are sales_1m')
  await expect(asked(memoryStore(), 'FROM sales_1m')).rejects.toThrow('the lake has none yet')
})

test('what does not read is refused, and the rest of the machine is out of reach', async () => {
  for (const sql of ['DROP TABLE sales_1m', `COPY sales_1m TO '/tmp/x'`, 'SET threads = 1', `ATTACH '/tmp/x.db'`]) {
    await expect(asked(store, sql)).rejects.toThrow('query: expected a statement that reads')
  }
  await expect(asked(store, `FROM read_text('/etc/hostname')`)).rejects.toThrow('disabled by configuration')
  await expect(asked(store, `FROM '/etc/hostname'`)).rejects.toThrow('no table /etc/hostname')
  await expect(asked(store, 'SELEC 1')).rejects.toThrow(/syntax error[\s\S]*LINE 1: SELEC 1\n\s*\^/)
})

test('statements that are not plain SELECTs', async () => {
  expect(await asked(store, 'VALUES (1)')).toEqual([{ col0: 1 }])
  expect((await asked(store, 'DESCRIBE sales_1m'))[0]).toMatchObject({ column_name: 'date', column_type: 'DATE' })
  expect(await asked(store, 'SUMMARIZE sales_1m')).toHaveLength(16)
  expect(await asked(store, 'EXPLAIN SELECT * FROM sales_1m')).toHaveLength(1)
  expect(await asked(store, 'PIVOT sales_1m ON store_id USING count(*) GROUP BY kind')).toEqual([
    { kind: 'closed', S1: 1, S2: 2 },
  ])
  expect(await asked(store, '/* x */ WITH t AS (FROM sales_1m) SELECT count(*) AS n FROM t -- end')).toEqual([{ n: 3 }])
})

test('values are exact, and JSON has what JSON can hold', async () => {
  const sql = `SELECT 9007199254740993 AS big, 1::HUGEINT AS small, 0.10::DECIMAL(18,2) AS money, 'nan'::DOUBLE AS nan,
    '2010-12-01 08:00:00.5+00'::TIMESTAMPTZ AS t, [1, NULL] AS l, {'a': DATE '2010-12-01'} AS s, MAP {'k': 1} AS m,
    'ab'::BLOB AS b, true AS yes, NULL AS nothing, 1 AS twice, 2 AS twice`
  expect(await asked(store, sql)).toEqual([
    {
      big: '9007199254740993',
      small: 1,
      money: '0.10',
      nan: 'NaN',
      t: '2010-12-01 08:00:00.5+00',
      l: [1, null],
      s: { a: '2010-12-01' },
      m: [{ key: 'k', value: 1 }],
      b: 'ab',
      yes: true,
      nothing: null,
      twice: 1,
      'twice:1': 2,
    },
  ])
})

test('an aborted session fetches nothing', async () => {
  const { store: counted, count } = counting(store)
  const signal = AbortSignal.abort(new Error('told to stop'))
  await expect(asked(counted, 'FROM sales_1m', undefined, { signal })).rejects.toThrow('told to stop')
  expect(count('read', '.snappy.parquet')).toBe(0)
})

test('a statement under way can be stopped, and the next one is answered', async () => {
  await withSession(store, async (session) => {
    session.interrupt()
    const slow = ask(session, 'SELECT count(*) FROM range(1000000) a, range(1000000) b')
    const stop = setInterval(() => session.interrupt(), 20)
    await expect(slow.finally(() => clearInterval(stop))).rejects.toThrow(/interrupt/i)
    expect(await ask(session, 'SELECT count(*) AS n FROM sales_1m')).toEqual([{ n: 3 }])
  })
})

test('an answer is worked out no further than it is shown', async () => {
  const text = await withSession(store, async (session) => {
    const answer = await session.ask('SELECT range AS n FROM range(1000000000000)')
    return (await gridOf(answer, { limits: { rows: 2 }, paint: plain })).text
  })
  expect(text).toContain('first 2 rows; there are more: --limit N, 0 for all')
})

test('sketch functions are those of the warehouse', async () => {
  const hex = (text: string) => sketchHash(text).toString(16).toUpperCase().padStart(12, '0')
  await putSilver(store, 'store_1m', [
    storeRow('2010-12-08T08:00:00', 'S1', { orders: 2, revenueCents: 1000, customers: ['a', 'b'] }),
    { ...storeRow('2010-12-08T08:00:00', 'S1', { orders: 1, revenueCents: 1, customers: ['b'] }), kind: 'correction' },
  ])
  const merged = 'sketch_merge(unique_customers_sketch)'
  expect(
    await asked(
      store,
      `SELECT hex(${merged}) AS merged, sketch_estimate(${merged}) AS customers,
         sketch_estimate(sketch_union(min(unique_customers_sketch), max(unique_customers_sketch))) AS united,
         sketch_estimate(NULL) AS nothing FROM store_1m`,
    ),
  ).toEqual([{ merged: ['a', 'b'].map(hex).sort().join(''), customers: 2, united: 2, nothing: 0 }])
})
