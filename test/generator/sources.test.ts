import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCsvEvents, readCsvMap } from '../../generator/csv/source'
import { expandFiles } from '../../generator/files'
import { readNdjsonEvents } from '../../generator/ndjson-source'

let folder = ''
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tillstream-sources-'))))
afterEach(() => rm(folder, { recursive: true }))

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

test('a pattern names the files of one folder in order, each once', async () => {
  for (const name of ['b.csv', 'a.csv', 'a.txt', 'a+c.csv']) await writeFile(join(folder, name), '')
  await mkdir(join(folder, 'd.csv'))
  const names = async (...patterns: string[]) =>
    (await expandFiles(patterns.map((pattern) => join(folder, pattern)))).map((file) => file.slice(folder.length + 1))
  expect(await names('*.csv')).toEqual(['a+c.csv', 'a.csv', 'b.csv'])
  expect(await names('b.csv', 'a*')).toEqual(['b.csv', 'a+c.csv', 'a.csv', 'a.txt'])
  await expect(names('*.tsv')).rejects.toThrow('expected files, got none among the 5 of')
  await expect(names('none.csv')).rejects.toThrow('no such file')
  await expect(expandFiles(['/nowhere/a.csv'])).rejects.toThrow('/nowhere/a.csv: no such file or folder, looked from')
  await expect(expandFiles(['/nowhere/*.csv'])).rejects.toThrow('/nowhere: no such file or folder, looked from')
  await expect(expandFiles(['*/a.csv'])).rejects.toThrow('*/a.csv: expected * in the last part only; name the folder')
})

test('CSV with quotes, line breaks and a byte order mark is read; what is no CSV is named', async () => {
  const map = await readCsvMap('generator/maps/uci-online-retail.json')
  const head = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
  const good = join(folder, 'good.csv')
  const rows = '7,1,"A ""B"",\r\nC",1,2011-07-01 08:26:00,2.5,,EIRE\r\n\r\n7,2,D,1,2011-07-01 08:26:00,2.5,,EIRE'
  await writeFile(good, `\ufeff${head}\r\n${rows}`)
  expect((await all(readCsvEvents({ files: [good], map }))).map(({ rows }) => rows)).toEqual([2])
  const bad = join(folder, 'bad.csv')
  await writeFile(bad, `${head}\n7,1,A,1\n`)
  await expect(all(readCsvEvents({ files: [bad], map }))).rejects.toThrow(/bad\.csv: Invalid Record Length.*line 2/)
  await expect(all(readCsvEvents({ files: [join(folder, 'none.csv')], map }))).rejects.toThrow('no such file')
})

test('a map that is no JSON is named', async () => {
  const file = join(folder, 'map.json')
  await writeFile(file, '{')
  await expect(readCsvMap(file)).rejects.toThrow(`csv map ${file}: expected JSON, got`)
})

test('lines of NDJSON come byte for byte, keyed by store where it can be told', async () => {
  const file = join(folder, 'events.ndjson')
  const lines = [
    '{"storeId":"s1"} ',
    '',
    '[{"storeId":"s2"},7]',
    '{"storeId":7}',
    'not json',
    '\ufffd{"storeId":"ü"}',
    '"last"',
  ]
  // Long enough to be read in several chunks.
  const long = `{"storeId":"s3","note":"${'ü'.repeat(100_000)}"}`
  await writeFile(file, [...lines, long].join('\n'))
  const events = await all(readNdjsonEvents({ files: [file, file] }))
  const expected = [...lines, long].filter((line) => line !== '')
  expect(events.map(({ body }) => Buffer.from(body).toString())).toEqual([...expected, ...expected])
  expect(events.slice(0, 7).map(({ key }) => key)).toEqual(['s1', 's2', '', '', '', '', 's3'])
})

test('a line no hub would take is named', async () => {
  const file = join(folder, 'events.ndjson')
  await writeFile(file, `{}\n${'x'.repeat(1_200_000)}`)
  await expect(all(readNdjsonEvents({ files: [file] }))).rejects.toThrow(
    `${file} line 2: expected at most 1048576 bytes, got more; is it NDJSON?`,
  )
})
