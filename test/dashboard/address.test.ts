import { viewOf } from '../../dashboard/address'

test('an address names a view, and one that is not there is trade', () => {
  expect(['', '#trade', '#ops', '#ops2', '#constructor'].map(viewOf)).toEqual([
    'trade',
    'trade',
    'ops',
    'trade',
    'trade',
  ])
})
