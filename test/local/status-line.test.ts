import { lagText } from '../../local/stack/waiting'
import { openStatusLine } from '../../local/status-line'

test('away from a terminal a line comes now and then, and the last one is not lost nor said twice', () => {
  const said: string[] = []
  const spy = jest.spyOn(console, 'error').mockImplementation((line: string) => said.push(line))
  let nowMs = 0
  const line = openStatusLine({ clock: () => nowMs, everyMs: 3000 })
  for (const left of [5000, 4000, 1234]) {
    line.show(lagText(left, 5000))
    nowMs += 2000
  }
  line.stop()
  line.show('more')
  line.stop()
  spy.mockRestore()
  expect(said).toEqual([
    'waiting for PostgreSQL: 5,000 of 5,000 messages left',
    'waiting for PostgreSQL: 1,234 of 5,000 messages left',
    'more',
  ])
})
