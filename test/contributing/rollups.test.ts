import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { columnsOf } from '../../src/fold/measure'
import { rollups } from '../../src/fold/rollups'
import { exportables } from '../../src/warehouse/exports'
import { figureColumns, rollups as verified } from '../../tools/verify/rollups'

/* What CONTRIBUTING.md says belongs to a rollup is there for each of them. Its migration: test/warehouse/migrate.test.ts. */

const root = join(__dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

describe.each(rollups)('$name', ({ name, windowMs, dimensions, measures }) => {
  const keys = dimensions.map((dimension) => dimension.name)
  const columns = measures.flatMap((measure) => columnsOf(measure)).map((column) => column.name)

  test('a test in test/fold says what events add up to', () => {
    const tests = ['step', 'rollups'].map((file) => read(`test/fold/${file}.test.ts`))
    expect(tests.join('\n')).toMatch(new RegExp(`[^\\w]${name}[^\\w]`))
  })

  test('src/warehouse/exports.ts exports it by its key, merged over partitions', () => {
    const source = `${name}_merged`
    expect(exportables).toContainEqual(expect.objectContaining({ name, source, key: keys }))
  })

  test('tools/verify/rollups.ts writes it a second time', () => {
    const second = verified.find((rollup) => rollup.name === name)
    expect(second).toMatchObject({ windowMs, keys })
    expect(second && figureColumns(second).map((column) => column.name)).toEqual(columns)
  })

  test('tools/verify/sql/parts.sql says what an event adds to it', () => {
    expect(read('tools/verify/sql/parts.sql')).toMatch(new RegExp(`CREATE (TABLE|VIEW) truth\\.${name}_part AS`))
  })

  test('docs/bi.md names it as a CSV file and as a table of the lake', () => {
    expect(read('docs/bi.md').match(new RegExp(`\`${name}\``, 'g'))?.length).toBeGreaterThan(1)
  })
})
