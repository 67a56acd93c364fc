import { createPace } from '../../generator/pace'
import { type StreamOptions, streamWorld } from '../../generator/stream'

const clockMs = Date.parse('2026-03-01T12:00:00Z')
const hourMs = 3_600_000

test('at speed 1 event time keeps its distance from the clock', () => {
  const pace = createPace({ startMs: clockMs - hourMs, clockMs, speed: 1, rate: 10 })
  expect(pace.dueMs(clockMs)).toBe(clockMs + hourMs)
  expect(pace.ratePerSecond(clockMs + 10 * hourMs)).toBe(10)
})

test('a faster pace catches up with the clock, stays with it, and sends at one rate throughout', () => {
  const pace = createPace({ startMs: clockMs - hourMs, clockMs, speed: 61, rate: 610 })
  expect(pace.dueMs(clockMs - hourMs)).toBe(clockMs)
  expect(pace.dueMs(clockMs)).toBeCloseTo(clockMs + hourMs / 61)
  const metMs = clockMs + hourMs / 60
  expect(pace.dueMs(metMs - 1)).toBeLessThan(metMs)
  expect(pace.dueMs(metMs + 5)).toBe(metMs + 5)
  expect(pace.ratePerSecond(metMs - 1)).toBe(10)
  expect(pace.ratePerSecond(metMs + 1)).toBe(610)
})

test.each([
  [{ startMs: clockMs + 1, speed: 1, rate: 1 }, 'expected a start not after the clock (2026-03-01T12:00:00.000Z)'],
  [{ startMs: clockMs, speed: 0.5, rate: 1 }, 'expected a speed of 1 or more, got 0.5'],
  [{ startMs: clockMs, speed: 1, rate: 0 }, 'expected a rate of more than 0 events/s, got 0'],
])('a pace that cannot be kept is refused (case %#)', (options, message) => {
  expect(() => createPace({ clockMs, ...options })).toThrow(message)
})

/** A stream by a clock that moves a second at each look, into a list. */
function recorded(options: Partial<StreamOptions>) {
  let nowMs = clockMs
  const sent: { readonly key: string; readonly body: Uint8Array }[] = []
  const result = streamWorld({
    simulation: { seed: 1, startMs: clockMs - hourMs },
    rate: 5_000,
    send: (events) => {
      sent.push(...events)
      return Promise.resolve()
    },
    clock: () => (nowMs += 1_000),
    ...options,
  })
  return { result, sent }
}

test('a stream ends after as many events as asked for, keyed by their store', async () => {
  const { result, sent } = recorded({ maxEvents: 5_000 })
  expect(await result).toMatchObject({ events: 5_000, bytes: sent.reduce((sum, { body }) => sum + body.length, 0) })
  expect(sent).toHaveLength(5_000)
  expect(sent.filter(({ key, body }) => !/^(store|web)-\d{4}$/.test(key) || body.length === 0)).toEqual([])
})

test('a stream ends when its time is over', async () => {
  const { result } = recorded({ forMs: 10_000 })
  const { seconds, events } = await result
  expect(events).toBeGreaterThan(0)
  expect(seconds).toBeLessThan(20)
})

test('a stream ends between two sends when its signal comes', async () => {
  const stop = new AbortController()
  const { result, sent } = recorded({ signal: stop.signal, onProgress: () => stop.abort() })
  const { events } = await result
  expect(events).toBeGreaterThan(0)
  expect(sent).toHaveLength(events)
})

test('a stream that waits ends at once when its signal comes', async () => {
  const stop = new AbortController()
  const waiting = streamWorld({
    simulation: { seed: 1 },
    rate: 0.001,
    send: () => Promise.resolve(),
    signal: stop.signal,
    // The clock of this one stands still: nothing is ever due.
    clock: () => clockMs,
  })
  setImmediate(() => stop.abort())
  expect(await waiting).toMatchObject({ seconds: 0 })
})

test('what goes wrong in sending goes wrong in the stream', async () => {
  const { result } = recorded({ send: () => Promise.reject(new Error('hub is full')) })
  await expect(result).rejects.toThrow('hub is full')
})
