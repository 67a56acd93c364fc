import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildDriver, cleanUp, forkHost, type HostProcess } from '../local/host/host-process'

/* The compiled hook in the host, beside a function that fails in every way. `npm test` compiles first. */

const compiled = join(__dirname, '..', '..', 'dist', 'functions', 'rejection.js')

const functions = `
const { app } = require('@azure/functions')
const fail = {
  undefined: () => Promise.reject(),
  null: async () => { throw null },
  'at once': () => { throw undefined },
  error: async () => { throw new Error('till jammed') },
  not: async (request, context) => ({ body: [request.method, context.functionName].join(' ') }),
}
app.http('fails', { methods: ['GET'], route: 'fails/{how}', handler: (request, context) => fail[request.params.how](request, context) })
`

let folder: string
const hosts: HostProcess[] = []

beforeAll(async () => {
  buildDriver()
  folder = await mkdtemp(join(tmpdir(), 'rejection-'))
  await writeFile(join(folder, 'fails.js'), functions)
  await writeFile(join(folder, 'hook.js'), `require(${JSON.stringify(compiled)})`)
  hosts.push(await forkHost({ entry: join(folder, '{fails,hook}.js'), settings: {} }))
  hosts.push(await forkHost({ entry: join(folder, 'fails.js'), settings: {} }))
})
afterAll(async () => {
  await cleanUp()
  await rm(folder, { recursive: true, force: true })
})

const ask = (host: HostProcess | undefined, how: string) =>
  fetch(`http://127.0.0.1:${host?.port}/api/fails/${encodeURIComponent(how)}`)

test.each([
  ['undefined', 'undefined'],
  ['null', 'null'],
  ['at once', 'undefined'],
])('a function that rejects with nothing (%s) has failed, by name', async (how, got) => {
  expect((await ask(hosts[0], how)).status).toBe(500)
  const said = `function "fails": expected an error to say why it failed, got ${got}`
  expect(await hosts[0]?.find(({ message }) => String(message).includes(said))).toMatchObject({ level: 'error' })
  // Without the hook the worker takes it for success.
  expect((await ask(hosts[1], how)).status).toBe(204)
})

test('an error stays the error it was, and an answer the answer', async () => {
  expect((await ask(hosts[0], 'error')).status).toBe(500)
  await hosts[0]?.find(({ message }) => String(message).includes('Error: till jammed'))
  expect(await (await ask(hosts[0], 'not')).text()).toBe('GET fails')
})
