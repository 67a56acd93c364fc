import { metricNames } from '../../src/observe/metrics'
import { openStatusBoard, statusLine } from '../../local/status'

test('events folded again after a resume are told apart from those that came in', () => {
  const board = openStatusBoard({ alertsOpen: 0 })
  board.take({ name: metricNames.events, value: 5 })
  expect(statusLine(board.read(), { ratePerSecond: 0 })).not.toContain('folded again')
  board.take({ name: metricNames.foldedAgain, value: 1000, dimensions: { partition: '0' } })
  board.take({ name: metricNames.foldedAgain, value: 234, dimensions: { partition: '1' } })
  expect(board.read()).toMatchObject({ eventsIn: 5, foldedAgain: 1234 })
  expect(statusLine(board.read(), { ratePerSecond: 0 })).toContain('in 5 (0/s)  folded again 1,234  rejected 0')
})
