import { mebibytes } from '../../local/cli/heap'
import { lastLine, makePlace, type Place, run } from './stack'

let place: Place
beforeEach(async () => {
  place = await makePlace()
})
afterEach(() => place.remove())

test('start runs with the heap it is given, and stops when it is told to', async () => {
  const stack = run('local/start', place, '--rate', '50', '--heap', '400m', '--json')
  await stack.said('heap')
  stack.process.kill('SIGINT')
  const { code, stdout, stderr } = await stack.ended
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(lastLine(stdout)).toMatchObject({ ok: true })
  const [, most] = /heap +at most (\d+) MB/.exec(stderr) ?? []
  // The young generation comes on top of what the flag says.
  expect(Number(most)).toBeGreaterThanOrEqual(400)
  expect(Number(most)).toBeLessThan(600)
})

test.each([
  ['1g', 1024],
  ['512m', 512],
  ['2G', 2048],
])('%s is %d MiB', (text, expected) => expect(mebibytes(text)).toBe(expected))

test.each(['1', '0m', '1.5g', 'g', '-1g', ''])('%j is refused as a size', (text) => {
  expect(() => mebibytes(text)).toThrow('expected a size such as 512m or 1g')
})
