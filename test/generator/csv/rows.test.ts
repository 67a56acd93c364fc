import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { encode } from 'iconv-lite'
import { openCsv, type CsvRow } from '../../../generator/csv/rows'
import { type FileShape } from '../../../generator/csv/map'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tillstream-rows-'))))
afterEach(() => rm(folder, { recursive: true }))

async function read(content: string | Uint8Array, shape?: FileShape) {
  const file = join(folder, 'a.csv')
  await writeFile(file, content)
  const { rows, ...opened } = await openCsv(file, shape)
  const all: CsvRow[] = []
  for await (const row of rows) all.push(row)
  return { ...opened, rows: all }
}

test.each([',', ';', '\t', '|'])('cells parted by %j are found, whatever other marks they hold', async (mark) => {
  const cells = mark === ',' ? '"1,5"' : '1,5'
  const { delimiter, rows } = await read(
    `a${mark}b${mark}c\nx${mark}${cells}${mark}y;\nx${mark}${cells}${mark}"${mark}\n"\n`.replace(
      'y;',
      mark === ';' ? 'y' : 'y;',
    ),
  )
  expect(delimiter).toBe(mark)
  expect(rows).toEqual([
    { a: 'x', b: '1,5', c: mark === ';' ? 'y' : 'y;' },
    { a: 'x', b: '1,5', c: `${mark}\n` },
  ])
})

test('a file of one column, an empty one and one of a header alone have their rows', async () => {
  expect(await read('a\n1\n2')).toMatchObject({ delimiter: ',', rows: [{ a: '1' }, { a: '2' }] })
  expect(await read('')).toMatchObject({ header: [], rows: [] })
  expect(await read('a;b')).toMatchObject({ delimiter: ';', header: ['a', 'b'], rows: [] })
})

test("Excel's sep line, title lines, a file without a header, columns of one name, quotes that mean nothing", async () => {
  expect(await read('sep=;\r\na;b\r\n1;2,5\r\n')).toMatchObject({ delimiter: ';', rows: [{ a: '1', b: '2,5' }] })
  expect(await read('Sales of March\n\na,b\n1,2\n', { skipLines: 2 })).toMatchObject({ rows: [{ a: '1', b: '2' }] })
  expect(await read('1,2\n', { header: ['a', 'b'] })).toMatchObject({ rows: [{ a: '1', b: '2' }] })
  expect(await read('a, a ,a\n1,2,3\n')).toMatchObject({ rows: [{ a: '1', 'a (2)': '2', 'a (3)': '3' }] })
  expect(await read('a\tb\n1\t12" pan\n', { quote: '' })).toMatchObject({ rows: [{ a: '1', b: '12" pan' }] })
})

const letters: Readonly<Record<string, string>> = {
  'windows-1252': 'Köln–Süd: Crème brûlée’s 5 € £3',
  'utf-8': 'Köln 東京 Łódź 🛒',
  'utf-16le': 'Köln 東京 Łódź 🛒',
  'utf-16be': 'Köln 東京 Łódź 🛒',
  'windows-1250': 'Łódź Śródmieście żółć',
  'iso-8859-15': 'Köln €',
  shift_jis: '東京渋谷店',
}

test('a file in the encoding its map says is read as it was written', async () => {
  const one = fc.constantFrom(...Object.keys(letters))
  await fc.assert(
    fc.asyncProperty(one, fc.array(fc.nat(20), { maxLength: 30 }), fc.boolean(), async (name, picks, addBOM) => {
      const from = [...(letters[name] ?? '')]
      const text = picks.map((pick) => from[pick % from.length] ?? '').join('')
      const bytes = encode(`Läden`.replace('ä', 'a') + `,b\n"${text}",1\n`, name, {
        addBOM: addBOM && name.startsWith('utf'),
      })
      const { rows, encoding } = await read(bytes, { encoding: name })
      expect(encoding).toEqual({ name, by: 'map' })
      expect(rows).toEqual([{ Laden: text, b: '1' }])
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['utf-8', true, 'byte order mark'],
  ['utf-16le', true, 'byte order mark'],
  ['utf-16be', true, 'byte order mark'],
  ['utf-8', false, 'all of it is UTF-8'],
  ['utf-16le', false, 'zero bytes'],
  ['utf-16be', false, 'zero bytes'],
  ['windows-1252', false, 'guess'],
  ['windows-1250', false, 'guess'],
  ['Shift_JIS', false, 'guess'],
])('%s is found (with a byte order mark: %s) by: %s', async (name, addBOM, by) => {
  const store = letters[name.toLowerCase()] ?? ''
  const text = `Receipt,Store,Item\n${`1,${store},tea\n`.repeat(5)}`
  const found = await read(encode(text, name, { addBOM }))
  expect(found.encoding).toEqual({ name, by })
  expect(found.header).toEqual(['Receipt', 'Store', 'Item'])
  expect(found.rows[0]).toEqual({ Receipt: '1', Store: store, Item: 'tea' })
})

test('characters that begin in one chunk of the file and end in the next are whole', async () => {
  const text = `a\n${'ü東🛒'.repeat(40_000)}\n`
  for (const name of ['utf-8', 'utf-16le']) {
    expect((await read(encode(text, name))).rows).toEqual([{ a: 'ü東🛒'.repeat(40_000) }])
  }
})

test('bytes that are none of the encoding are told by file and place, never replaced', async () => {
  const mixed = Buffer.concat([
    Buffer.from(`a\n${'Köln, Zürich\n'.replace(',', '').repeat(50)}`),
    Buffer.from([0x4b, 0xf6, 0x6c, 0x6e, 0x0a]),
  ])
  await expect(read(mixed)).rejects.toThrow(
    /a\.csv: expected one encoding, got UTF-8 with bytes near \d+ that are none/,
  )
  await expect(read(mixed, { encoding: 'utf-8' })).rejects.toThrow(
    /a\.csv: expected utf-8 \(by map\), got bytes near 0/,
  )
  await expect(read(Buffer.from('a\n東京\n'), { encoding: 'ascii' })).rejects.toThrow(/a\.csv: expected ascii/)
  await expect(read('a\n', { encoding: 'klingon' })).rejects.toThrow(
    /a\.csv: expected an encoding such as utf-8.*"klingon"/,
  )
})

test('a file whose first bytes beyond ASCII come late is read by them', async () => {
  const late = `Receipt,Store\n${'1,Leeds\n'.repeat(200_000)}2,Łódź Śródmieście\n`
  const { encoding, rows } = await read(encode(late, 'windows-1250'))
  expect(encoding).toEqual({ name: 'windows-1250', by: 'guess' })
  expect(rows.at(-1)).toEqual({ Receipt: '2', Store: 'Łódź Śródmieście' })
})

test('what is no CSV is told by file and line', async () => {
  await expect(read('a,b\n1\n')).rejects.toThrow(/a\.csv: Invalid Record Length.*line 2/)
})
