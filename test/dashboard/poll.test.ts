import { ask, type Fetch, waitMs } from '../../dashboard/poll'

interface Answered {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

function fetchOf({ status, headers = {}, body = '' }: Answered, asked: Record<string, string>[] = []): Fetch {
  return (_address, options) => {
    asked.push(options.headers)
    return Promise.resolve(new Response(status === 304 ? null : body, { status, headers }))
  }
}

test('an answer comes with its tag and the clock of the server', async () => {
  const headers = { etag: '"a"', date: 'Sun, 29 Nov 2026 14:03:07 GMT' }
  const asked: Record<string, string>[] = []
  expect(
    await ask(fetchOf({ status: 200, headers, body: '{"view":"trade"}' }, asked), '/api/live/trade', null),
  ).toEqual({
    kind: 'answer',
    answer: { view: 'trade' },
    etag: '"a"',
    serverMs: Date.parse('2026-11-29T14:03:07Z'),
  })
  expect(asked[0]).not.toHaveProperty('if-none-match')
})

test('what is known is asked for by its tag', async () => {
  const asked: Record<string, string>[] = []
  expect(await ask(fetchOf({ status: 304 }, asked), '/api/live/trade', '"a"')).toEqual({
    kind: 'unchanged',
    serverMs: null,
  })
  expect(asked[0]).toMatchObject({ 'if-none-match': '"a"' })
})

test.each([
  ['a refusal', fetchOf({ status: 403, body: '{"error":"sign in first"}' }), 'sign in first'],
  ['a page in place of figures', fetchOf({ status: 502, body: '<html>' }), 'the server answered 502'],
  ['half an answer', fetchOf({ status: 200, body: '{"view":' }), 'the answer is not JSON'],
  ['no server', () => Promise.reject(new TypeError('fetch failed')), 'the server cannot be reached'],
  ['no answer', () => Promise.reject(new DOMException('', 'TimeoutError')), 'no answer within 10 s'],
])('%s is a failure in words', async (_, fetch: Fetch, words) => {
  expect(await ask(fetch, '/api/live/trade', null)).toEqual({ kind: 'failure', words })
})

test('waits longer with each failure, half a minute at most', () => {
  expect([0, 1, 2, 4, 5, 50].map(waitMs)).toEqual([1_000, 2_000, 4_000, 16_000, 30_000, 30_000])
})
