import { parseRetryPolicy, retryDelayMs, runWithRetries, type Outcome } from '../../../local/host/retry'
import { type RetryContext } from '../../../local/host/core'
import { fakeClock } from './fake-clock'

const failed: Outcome<string> = { kind: 'failed', error: new Error('till jammed') }
const succeeded: Outcome<string> = { kind: 'succeeded', value: 'done' }

function attempts(outcomes: readonly Outcome<string>[]) {
  const seen: (RetryContext | undefined)[] = []
  const attempt = (retry: RetryContext | undefined): Promise<Outcome<string>> => {
    seen.push(retry)
    return Promise.resolve(outcomes[seen.length - 1] ?? failed)
  }
  return { seen, attempt }
}

const loop = (clock = fakeClock(0), stop = new AbortController()) => ({ clock, random: () => 0.5, signal: stop.signal })
const fixed = (maxRetryCount: number) => ({ kind: 'fixedDelay' as const, maxRetryCount, delayMs: 5_000 })

test('without a policy there is one attempt', async () => {
  const { seen, attempt } = attempts([failed])
  expect(await runWithRetries(undefined, attempt, loop())).toBe(failed)
  expect(seen).toEqual([undefined])
})

test('a counted policy ends after that many retries', async () => {
  const { seen, attempt } = attempts([])
  const clock = fakeClock(0)
  const run = runWithRetries(fixed(2), attempt, loop(clock))
  await clock.advance(60_000)
  expect((await run).kind).toBe('failed')
  expect(seen.map((retry) => retry?.retryCount)).toEqual([undefined, 1, 2])
  expect(seen[1]).toMatchObject({ maxRetryCount: 2, exception: { message: 'till jammed' } })
})

test('a policy of -1 goes on until it succeeds', async () => {
  const { seen, attempt } = attempts([...Array<Outcome<string>>(25).fill(failed), succeeded])
  const clock = fakeClock(0)
  const run = runWithRetries(fixed(-1), attempt, loop(clock))
  await clock.advance(25 * 5_000)
  expect(await run).toBe(succeeded)
  expect(seen).toHaveLength(26)
})

test('stopping ends the wait and leaves the batch undecided', async () => {
  const { seen, attempt } = attempts([])
  const clock = fakeClock(0)
  const stop = new AbortController()
  const run = runWithRetries(fixed(-1), attempt, loop(clock, stop))
  await clock.advance(7_000)
  stop.abort()
  expect((await run).kind).toBe('stopped')
  expect(seen).toHaveLength(2)
})

test('back-off doubles from twice the minimum up to the maximum', () => {
  const policy = { kind: 'exponentialBackoff' as const, maxRetryCount: -1, minimumMs: 1_000, maximumMs: 30_000 }
  const delays = [1, 2, 3, 4, 5, 6, 40].map((retryCount) => retryDelayMs(policy, retryCount, () => 0.5))
  expect(delays).toEqual([2_000, 3_000, 5_000, 9_000, 17_000, 30_000, 30_000])
  expect(retryDelayMs(policy, 1, () => 0)).toBe(1_800)
})

test('intervals the service refuses are refused by name', () => {
  const options = {
    retryStrategy: 'exponentialBackoff',
    maxRetryCount: -1,
    minimumInterval: { seconds: 9 },
    maximumInterval: { seconds: 5 },
  }
  expect(() => parseRetryPolicy(options, 'function "ingest"')).toThrow(
    'function "ingest" retry: minimumInterval 9000 ms',
  )
  expect(() => parseRetryPolicy({ retryStrategy: 'often', maxRetryCount: 1 }, 'f')).toThrow('got "often"')
  expect(() => parseRetryPolicy({ retryStrategy: 'fixedDelay', maxRetryCount: -2 }, 'f')).toThrow('maxRetryCount')
})
