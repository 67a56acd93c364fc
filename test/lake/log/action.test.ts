import { type Action, encodeActions, encodePath, parseEntry } from '../../../src/lake/log/action'
import { parseLogName } from '../../../src/lake/log/log-name'
import { columnNamed, fitSchema, fromSchemaString, type TableSchema, toSchemaString } from '../../../src/lake/schema'
import { column, salesSchema } from '../tables'

// Names: PROTOCOL.md, "Delta Log Entries", "Checkpoints", "Last Checkpoint File", "Version Checksum File".
test.each([
  ['00000000000000000012.json', { kind: 'commit', version: 12 }],
  ['00000000000000000012.crc', { kind: 'crc', version: 12 }],
  ['00000000000000000012.checkpoint.parquet', { kind: 'checkpoint', version: 12, form: 'classic' }],
  [
    '00000000000000000012.checkpoint.0000000001.0000000003.parquet',
    { kind: 'checkpoint', version: 12, form: 'multipart', part: 1, parts: 3 },
  ],
  [
    '00000000000000000012.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json',
    { kind: 'checkpoint', version: 12, form: 'v2', id: '80a083e8-7026-4e79-81be-64bd76c43a11' },
  ],
  ['00000000000000000004.00000000000000000006.compacted.json', { kind: 'compacted', fromVersion: 4, toVersion: 6 }],
  ['_last_checkpoint', { kind: 'last-checkpoint' }],
  ['_commit_80a083e8-7026-4e79-81be-64bd76c43a11.json.tmp', { kind: 'temporary' }],
  ['.00000000000000000012.json.80a083e8.tmp', { kind: 'temporary' }],
  ['12.json', { kind: 'unknown' }],
  ['99999999999999999999.json', { kind: 'unknown' }],
  ['00000000000000000012.json.bak', { kind: 'unknown' }],
  ['_sidecars/80a083e8.parquet', { kind: 'unknown' }],
])('%s is told apart by its name', (name, file) => {
  expect(parseLogName(name)).toEqual(file)
})

const partitionValues = { date: '2010-12-01', store: null }
const actions: readonly Action[] = [
  {
    kind: 'commit-info',
    info: { timestampMs: 1, operation: 'WRITE', parameters: { mode: 'x' }, txnId: 'id', isBlindAppend: true },
  },
  { kind: 'protocol', protocol: { minReaderVersion: 1, minWriterVersion: 2, readerFeatures: [], writerFeatures: [] } },
  {
    kind: 'metadata',
    metadata: { id: 'i', name: 'n', schemaString: '{}', partitionColumns: ['date'], configuration: {}, createdMs: 2 },
  },
  { kind: 'txn', txn: { appId: 'app "version":7', version: 9223372036854775807n, updatedMs: 3 } },
  { kind: 'txn', txn: { appId: 'app', version: 41 } },
  {
    kind: 'remove',
    file: { path: 'date=2010-12-01/a b%2Fc.parquet', partitionValues, sizeBytes: 9, deletedMs: 4, dataChange: true },
  },
  {
    kind: 'add',
    file: {
      path: 'date=2010-12-01/ü ?#.parquet',
      partitionValues,
      sizeBytes: 10,
      modifiedMs: 5,
      dataChange: true,
      stats: '{"numRecords":1}',
    },
  },
]

test('actions are written as the protocol spells them', () => {
  expect(Buffer.from(encodeActions(actions)).toString('utf8').split('\n')).toEqual([
    '{"commitInfo":{"timestamp":1,"operation":"WRITE","operationParameters":{"mode":"x"},"isBlindAppend":true,"txnId":"id","engineInfo":"tillstream"}}',
    '{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}',
    '{"metaData":{"id":"i","name":"n","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":["date"],"configuration":{},"createdTime":2}}',
    '{"txn":{"appId":"app \\"version\\":7","version":9223372036854775807,"lastUpdated":3}}',
    '{"txn":{"appId":"app","version":41}}',
    '{"remove":{"path":"date=2010-12-01/a%20b%252Fc.parquet","deletionTimestamp":4,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{"date":"2010-12-01","store":null},"size":9}}',
    '{"add":{"path":"date=2010-12-01/%C3%BC%20%3F%23.parquet","partitionValues":{"date":"2010-12-01","store":null},"size":10,"modificationTime":5,"dataChange":true,"stats":"{\\"numRecords\\":1}"}}',
    '',
  ])
})

test('actions read back are those written, versions of 64 bits included', () => {
  expect(parseEntry(7, encodeActions(actions))).toEqual({ version: 7, actions })
})

test('a path with every awkward character survives the URI', () => {
  const path = 'a b/ü%2F?#+&=;:@,$!~*\'()"<>[]{}|\\^`😀'
  expect(decodeURIComponent(encodePath(path))).toBe(path)
  expect(encodePath('date=2010-12-01/part-0.parquet')).toBe('date=2010-12-01/part-0.parquet')
})

const good = '{"txn":{"appId":"a","version":1}}'
test.each([
  [`${good}\n{"add":`, 'delta log 00000000000000000012.json line 2: expected a JSON object, got "{"add":"'],
  [`${good}\n\n{"add":{},"remove":{}}`, 'line 3: expected one action, got "add, remove"'],
  ['{}', 'line 1: expected one action, got ""'],
  ['{"add":{"size":1}}', 'line 1: add.path: expected a string, got undefined'],
  ['{"add":{"path":"%zz","size":1}}', 'line 1: add.path: expected a URI, got "%zz"'],
  ['{"add":{"path":"a","size":"big"}}', 'line 1: add.size: expected a whole number, got big'],
  ['{"txn":{"appId":"a"}}', 'line 1: txn.version: expected a whole number, got undefined'],
])('%s is refused with its line', (text, message) => {
  expect(() => parseEntry(12, Buffer.from(text))).toThrow(message)
})

test('actions of no use to this reader are passed over', () => {
  const entry = parseEntry(1, Buffer.from('{"cdc":{"path":"a"}}\n{"domainMetadata":{"domain":"d"}}\n'))
  expect(entry.actions).toEqual([
    { kind: 'other', name: 'cdc' },
    { kind: 'other', name: 'domainMetadata' },
  ])
})

test('a schema survives its schemaString', () => {
  const [first, ...others] = salesSchema.columns
  const commented = first ? [{ ...first, comment: 'of the sale, UTC' }, ...others] : []
  const schema: TableSchema = { columns: commented, partitionBy: ['date'] }
  expect(fromSchemaString(toSchemaString(schema), ['date'])).toEqual(schema)
})

describe('columns other engines added', () => {
  const text = (type: unknown, metadata = {}) =>
    JSON.stringify({ type: 'struct', fields: [{ name: 'c', type, nullable: true, metadata }] })

  test.each([
    ['decimal(38,10)', 'its type is decimal(38,10)', true],
    ['float', 'its type is float', true],
    [{ type: 'array', elementType: 'short', containsNull: true }, 'its type is array', true],
    [{ type: 'map', keyType: 'string', valueType: { type: 'array', elementType: 'date' } }, 'its type is map', true],
    [{ type: 'struct', fields: [{ name: 'at', type: 'timestamp', nullable: true }] }, 'its type is struct', false],
    [{ type: 'udt', sqlType: 'long' }, 'its type is udt', false],
    ['interval day to second', 'its type is interval day to second', false],
  ])('%j has no values here', (type, because, isCopied) => {
    expect(fromSchemaString(text(type), [])).toEqual({
      columns: [],
      partitionBy: [],
      foreign: [{ name: 'c', nullable: true, because, isCopied }],
    })
  })

  test('one the table is partitioned by, of a type no folder has here', () => {
    const schema = fromSchemaString(text('timestamp'), ['c'])
    expect(schema.foreign?.map(({ because }) => because)).toEqual([
      'the table is partitioned by it and its type is timestamp',
    ])
    expect(() => columnNamed(schema, 'c')).toThrow('"c": not readable here, because the table is partitioned by it')
  })

  test('fit beside ours when rows may do without them', () => {
    const wanted: TableSchema = { columns: [column('a', 'long')], partitionBy: [] }
    const beside = (name: string, nullable: boolean): TableSchema => ({
      ...wanted,
      foreign: [{ name, nullable, because: 'its type is float', isCopied: true }],
    })
    expect(fitSchema(wanted, beside('b', true))).toEqual({ kind: 'fits' })
    expect(fitSchema(wanted, beside('b', false))).toMatchObject({ kind: 'differs' })
    expect(fitSchema(wanted, { ...beside('a', true), columns: [] })).toEqual({
      kind: 'differs',
      difference: 'column a expected to be readable, but its type is float',
    })
  })

  test('an invariant is refused', () => {
    expect(() => fromSchemaString(text('long', { 'delta.invariants': 'c > 0' }), [])).toThrow('expected no invariant')
  })
})
