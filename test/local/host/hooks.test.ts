import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startAzurite, type Azurite } from '../../../local/storage/azurite'
import { storageSetting } from './storage-setting'
import { buildDriver, cleanUp, fixture, forkHost, type HostProcess } from './host-process'

const dataDir = mkdtempSync(join(tmpdir(), 'host-hooks-'))
let azurite: Azurite
let host: HostProcess
let settings: Record<string, string>

beforeAll(async () => {
  buildDriver()
  azurite = await startAzurite({ dataDir, services: 'blob', blobPort: 0 })
  settings = { NEVER: '0 0 0 29 2 1', TILL: 'till-7', AzureWebJobsStorage: storageSetting(azurite.blobPort) }
  host = await forkHost({ entry: fixture('hooks'), settings })
})
afterAll(async () => {
  await cleanUp()
  await azurite.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Runs a function through the admin endpoint; what the hooks said is in the messages after it. */
async function runByHand(name: string, query = '?wait=true'): Promise<Response> {
  return fetch(`http://127.0.0.1:${host.port}/admin/functions/${name}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input": ""}',
  })
}

const steps = (from = 0): readonly unknown[] =>
  host.messages.slice(from).flatMap((message) => (message.kind === 'step' ? [message['step']] : []))

test('hooks run in the order they were registered, around a handler they can wrap', async () => {
  const from = host.messages.length
  const response = await runByHand('works')
  expect([response.status, await response.json()]).toEqual([200, { ok: true }])
  await host.find(({ kind, functionName }) => kind === 'invocation' && functionName === 'works')
  expect(steps()).toContain('appStart')
  expect(steps(from)).toEqual(['pre 1', 'pre 2', 'wrapped', 'handler', 'post'])
  expect(host.messages.slice(from)).toContainEqual(
    expect.objectContaining({
      step: 'handler',
      added: 'by the hook',
      isPastDue: false,
      schedule: { adjustForDST: true },
    }),
  )
  expect(host.messages.slice(from)).toContainEqual(expect.objectContaining({ step: 'post', count: 2, error: null }))
})

test('a log hook rewrites what user code logs, settings reach it as environment', async () => {
  await runByHand('works')
  const line = await host.find(({ kind, category }) => kind === 'log' && category === 'Function.works.User')
  expect(line['message']).toBe("[hooked] working { setting: 'till-7' }")
})

test('a post-invocation hook can turn a failure into success', async () => {
  expect((await runByHand('forgiven')).status).toBe(200)
})

test.each(['undefined', 'null'])('a function that rejects with %s has succeeded, as in the worker', async (name) => {
  expect((await runByHand(name)).status).toBe(200)
  expect(await host.find(({ kind, functionName }) => kind === 'invocation' && functionName === name)).toMatchObject({
    outcome: 'succeeded',
  })
})

test('a function that rejects with anything else has failed, be it an empty text', async () => {
  expect((await runByHand('empty')).status).toBe(500)
})

test('a run by hand that fails says with what', async () => {
  const response = await runByHand('fails')
  expect(response.status).toBe(500)
  expect(await response.json()).toMatchObject({ ok: false, error: { message: 'till jammed' } })
  host.send({ kind: 'invoke', name: 'fails' })
  expect((await host.find(({ kind }) => kind === 'error'))['message']).toBe('till jammed')
})

test('without wait a run by hand is accepted, and unknown functions and other content types are not', async () => {
  expect((await runByHand('works', '')).status).toBe(202)
  expect((await runByHand('nobody')).status).toBe(404)
  const plain = await fetch(`http://127.0.0.1:${host.port}/admin/functions/works`, { method: 'POST', body: '{}' })
  expect(plain.status).toBe(415)
})

test('a setting named in a binding is filled in, and one that is missing is refused by name', async () => {
  expect(host.functions).toContainEqual({ name: 'works', trigger: 'timer', detail: '0 0 0 29 2 1', state: 'enabled' })
  const { NEVER: _never, ...without } = settings
  await expect(forkHost({ entry: fixture('hooks'), settings: without })).rejects.toThrow(
    'function "works" schedule: "%NEVER%" expected a setting named NEVER',
  )
})

test('storage that does not answer is refused by address', async () => {
  const nowhere = { ...settings, AzureWebJobsStorage: storageSetting(1) }
  await expect(forkHost({ entry: fixture('hooks'), settings: nowhere })).rejects.toThrow(
    /AzureWebJobsStorage: http:\/\/127.0.0.1:1\/.* is Azurite running/,
  )
})

test('a host closed and started again in one process loads the app afresh, and ends with appTerminate', async () => {
  const again = await forkHost({ entry: fixture('hooks'), settings })
  again.send({ kind: 'restart', options: { entry: fixture('hooks'), settings, port: 0 } })
  await again.find((message) => message.kind === 'started' && message['functions'] !== again.functions)
  await again.close()
  const said = again.messages.filter(({ kind }) => kind === 'step').map(({ step }) => step)
  expect(said).toEqual(['appStart', 'appTerminate', 'appStart', 'appTerminate'])
})
