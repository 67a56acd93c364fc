import { judgeSpace } from '../../../tools/doctor/machine'
import { differenceOf } from '../../../local/stack/rules-difference'
import { judgeLag } from '../../../tools/doctor/pipeline'
import { judgeClock } from '../../../tools/doctor/postgres'
import { judgeZones } from '../../../tools/doctor/time-zones'

/* What doctor makes of a figure, where the figure itself cannot be brought about here. */

test('in which words rules differ', () => {
  expect(differenceOf('fold-1 idle=60000 a/1(b)', 'fold-1 idle=60000 a/1(b)')).toBeUndefined()
  expect(differenceOf('fold-1 idle=60000 a/1(b)', 'fold-1 idle=15000 a/1(b)')).toBe(
    'folded by IDLE_AFTER_SECONDS=60, these are IDLE_AFTER_SECONDS=15',
  )
  expect(differenceOf('stockout=3600000', 'stockout=60000')).toContain('STOCKOUT_AFTER_MINUTES=60, these are')
  expect(differenceOf('minor-digits=2', 'minor-digits=3')).toContain('a CURRENCY of 2 decimals, these are')
  expect(differenceOf('product-kinds=', 'product-kinds=A%20B=fee')).toContain('these are PRODUCT_KINDS=A B=fee')
  expect(differenceOf('', 'fold-1')).toContain('does not say')
})

test('being behind is a fault when nothing moves, and no news while it does', () => {
  const levels = [
    judgeLag(0, { before: 9, moves: false }),
    judgeLag(50, { before: 40, moves: true }),
    judgeLag(50_000, { before: 40_000, moves: true }),
    judgeLag(50, { before: 50, moves: false }),
  ].map(({ level }) => level)
  expect(levels).toEqual(['ok', 'ok', 'warn', 'fault'])
})

test('room on the disk is judged', () => {
  const levels = [0.5, 3, 50].map((gib) => judgeSpace(gib * 2 ** 30, '/data').level)
  expect(levels).toEqual(['fault', 'warn', 'ok'])
})

test('clocks are compared', () => {
  expect([judgeClock(20), judgeClock(-4000), judgeClock(90_000)].map(({ level }) => level)).toEqual([
    'ok',
    'ok',
    'warn',
  ])
})

test('zones that differ are worth a warning when a map in use names one', () => {
  const judged = (differing: readonly string[], inUse: readonly string[]) =>
    judgeZones('DuckDB v1', { compared: 400, differing, inUse })
  expect(judged([], ['CET'])).toMatchObject({ level: 'ok', what: expect.stringContaining('400 zones as') as string })
  expect(judged(['America/Havana'], ['CET'])).toMatchObject({
    level: 'ok',
    what: expect.stringContaining('none of a map in use: America/Havana') as string,
  })
  expect(judged(['America/Havana', 'CET'], ['CET'])).toMatchObject({
    level: 'warn',
    what: expect.stringContaining('of maps in use CET') as string,
  })
})
