import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Config } from 'jest'

const root = join(__dirname, '..')

/** The test files `npm run test:quick` takes. */
function quickTests(): readonly string[] {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- jest reads its configuration as CommonJS
  const { testMatch } = require('../jest.quick.config.js') as Config
  return (Array.isArray(testMatch) ? testMatch : []).map((file: string) => relative(root, file))
}

test('a test of pure functions is quick', () => {
  expect(quickTests()).toEqual(
    expect.arrayContaining(['test/fold/step.test.ts', 'test/event/decode.test.ts', 'test/lake/write/commit.test.ts']),
  )
})

test.each([
  ['PostgreSQL', 'test/warehouse/live.test.ts'],
  ['PostgreSQL, by a helper of a helper', 'test/pipeline/stream/ingest.test.ts'],
  ['Azurite', 'test/azure/lake-store.test.ts'],
  ['the broker', 'test/azure/event-sender.test.ts'],
  ['the stack', 'test/local/start.test.ts'],
])('a test that starts %s is not', (_, file) => {
  expect(quickTests()).not.toContain(file)
})

test('no quick test names a helper that starts a service', () => {
  const starts = /startTestWarehouse|startPostgres|startAzurite|openLocalAccount|startHub|forkHost/
  const ours = relative(root, __filename)
  const others = quickTests().filter((file) => file !== ours)
  expect(others.filter((file) => starts.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})
