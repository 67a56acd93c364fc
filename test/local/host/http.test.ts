import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AddressInfo } from 'node:net'
import { buildDriver, cleanUp, fixture, forkHost, type HostProcess } from './host-process'

const settings = { 'AzureWebJobs.off.Disabled': 'true', 'AzureWebJobs.unsupported.Disabled': '1' }

let host: HostProcess

beforeAll(async () => {
  buildDriver()
  host = await forkHost({ entry: fixture('http'), settings })
})
afterAll(cleanUp)

const url = (path: string): string => `http://127.0.0.1:${host.port}${path}`
const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(url(path), init)

test('route parameters, query, headers and exact body reach the function, and its answer the caller', async () => {
  const body = Buffer.from([0, 255, 10, 128])
  const response = await get('/api/stores/North%20Side/items/7?a=1&a=2&b=%C3%A9', {
    method: 'POST',
    headers: { 'X-Till': '7' },
    body,
  })
  expect(response.status).toBe(201)
  expect(response.headers.get('x-store')).toBe('North Side')
  expect(response.headers.get('set-cookie')).toBe('till=7; Max-Age=60; Path=/; HttpOnly; SameSite=Lax')
  expect(await response.json()).toEqual({
    method: 'POST',
    url: url('/api/stores/North%20Side/items/7?a=1&a=2&b=%C3%A9'),
    params: { store: 'North Side', item: '7' },
    query: [
      ['a', '1,2'],
      ['b', 'é'],
    ],
    header: '7',
    body: body.toString('base64'),
  })
})

test.each([
  ['no body', {}, { body: 'none', text: '' }],
  ['an empty body', { body: '' }, { body: 'none', text: '' }],
  [
    'a body in no chunks',
    { body: new ReadableStream({ start: (it) => it.close() }), duplex: 'half' as const },
    { body: 'none', text: '' },
  ],
  ['one byte', { body: ' ' }, { body: 'some', text: ' ' }],
])('a POST of %s reaches the function as such', async (_, init, seen) => {
  expect(await (await get('/api/body', { method: 'POST', ...init })).json()).toEqual(seen)
})

test('bytes come back as they were, streams whole', async () => {
  expect([...new Uint8Array(await (await get('/api/bytes')).arrayBuffer())]).toEqual([0, 255, 128, 10])
  expect(await (await get('/api/stream')).text()).toBe('one,two,three')
})

test('HEAD answers headers alone', async () => {
  const response = await get('/api/hello', { method: 'HEAD' })
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '5', ''])
})

test.each([
  ['/api/nothing', 204],
  ['/api/text', 500],
  ['/api/fails', 500],
  ['/api/none', 404],
  ['/hello', 404],
  ['/api/off', 404],
])('%s answers %i', async (path, status) => {
  expect((await get(path)).status).toBe(status)
})

test('a method a function does not take is not found', async () => {
  expect((await get('/api/hello', { method: 'DELETE' })).status).toBe(404)
})

test('what a function throws is logged with its stack', async () => {
  await get('/api/fails')
  const line = await host.find(({ kind, message }) => kind === 'log' && String(message).includes('till jammed'))
  expect(line).toMatchObject({ level: 'error', category: 'Function.fails', functionName: 'fails' })
  expect(String(line['message'])).toContain('routes.js')
})

test('the most literal route wins', async () => {
  expect(await (await get('/api/stores/main')).text()).toBe('literal')
  expect(await (await get('/api/stores/other')).text()).toBe('parameter')
  expect(await (await get('/api/files/a/b.csv')).json()).toEqual({ path: 'a/b.csv' })
})

test('a body above 100 MB is refused before it is read', async () => {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest(
      url('/api/size'),
      { method: 'POST', headers: { 'content-length': 104_857_601 } },
      resolve,
    )
    request.on('error', reject)
    request.flushHeaders()
  })
  answer.destroy()
  expect(answer.statusCode).toBe(413)
})

test('an exception nobody catches and a promise nobody awaits are logged, and the host goes on', async () => {
  expect(await (await get('/api/stray')).text()).toBe('left one behind')
  const logged = (text: string) => host.find(({ message }) => String(message).includes(text))
  expect((await logged('nobody caught this'))['level']).toBe('critical')
  expect((await logged('nobody awaited this'))['level']).toBe('critical')
  expect((await get('/api/hello')).status).toBe(200)
})

test('functions are listed, disabled ones too', async () => {
  const listed = (await (await get('/admin/functions')).json()) as { name: string }[]
  expect(listed).toEqual(host.functions)
  expect(listed).toContainEqual({ name: 'hello', trigger: 'http', detail: 'GET,HEAD /api/hello', state: 'enabled' })
  expect(listed).toContainEqual(expect.objectContaining({ name: 'off', state: 'disabled' }))
  expect(listed).toContainEqual(expect.objectContaining({ name: 'unsupported', state: 'disabled' }))
  expect(await (await get('/admin/host/status')).json()).toEqual({ state: 'Running' })
})

test('an unsupported trigger that is not disabled is refused by name', async () => {
  await expect(forkHost({ entry: fixture('http'), settings: {} })).rejects.toThrow(
    'function "unsupported": trigger queueTrigger is not supported by the local host',
  )
})

test('a busy port is refused by number', async () => {
  const blocker = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => blocker.once('listening', resolve))
  const { port } = blocker.address() as AddressInfo
  try {
    await expect(forkHost({ entry: fixture('http'), settings, port })).rejects.toThrow(`port ${port} on 127.0.0.1`)
  } finally {
    blocker.close()
  }
})

test('closing lets a request under way end and drops idle connections', async () => {
  const closing = await forkHost({ entry: fixture('http'), settings })
  const pending = fetch(`http://127.0.0.1:${closing.port}/api/slow`)
  await closing.find(({ kind }) => kind === 'slow')
  const closed = closing.close()
  closing.send({ kind: 'release' })
  expect(await (await pending).text()).toBe('done at last')
  await closed
  await expect(fetch(`http://127.0.0.1:${closing.port}/api/hello`)).rejects.toThrow()
})
