import { StorageSharedKeyCredential } from '@azure/storage-file-datalake'
import { azureCredential, tokenCredential } from '../../src/azure/credential'
import { openLakeStore } from '../../src/azure/lake-store'
import { type Store } from '../../src/lake/store'
import { openLocalAccount, type LocalAccount } from '../local/storage/local-account'
import { lossyProxy, type LossyProxy } from './lossy-proxy'

let account: LocalAccount
let proxy: LossyProxy
let store: Store

beforeAll(async () => {
  account = await openLocalAccount('lake')
  proxy = await lossyProxy(account.url)
  store = openLakeStore({ url: proxy.url, credential: account.credential })
})
afterAll(async () => {
  await proxy?.close()
  await account?.close()
})

const bytes = Buffer.from('till')

/** The requests that `act` makes. */
async function requestsOf(act: () => Promise<unknown>): Promise<string[]> {
  const before = proxy.requests.length
  await act()
  return proxy.requests.slice(before)
}

test('a small put is two requests, a rename and a read are one', async () => {
  expect(await requestsOf(() => store.put('lake/few/a', bytes))).toEqual([
    'PUT /lake/few/a?resource=file',
    'PATCH /lake/few/a?position=0&action=append&flush=true',
  ])
  expect(await requestsOf(() => store.rename('lake/few/a', 'lake/few/b'))).toEqual(['PUT /lake/few/b?mode=legacy'])
  expect(await requestsOf(() => store.read('lake/few/b'))).toEqual(['GET /lake/few/b'])
})

test('a rename whose answer is lost has happened, throws, and is not sent again', async () => {
  await store.put('lake/lost/tmp', bytes)
  proxy.loseAnswerOf((request) => request.startsWith('PUT'))
  const sent = await requestsOf(() =>
    expect(store.rename('lake/lost/tmp', 'lake/lost/000.json')).rejects.toThrow('rename to lake/lost/000.json'),
  )
  expect(sent).toHaveLength(1)
  expect(await store.read('lake/lost/000.json')).toEqual(bytes)
})

test.each([
  ['create', 'PUT'],
  ['append', 'PATCH'],
])('a put goes through although the answer to its %s is lost', async (_, method) => {
  proxy.loseAnswerOf((request) => request.startsWith(method))
  const sent = await requestsOf(() => store.put(`lake/again/${method}`, bytes))
  expect(sent.filter((request) => request.startsWith(method))).toHaveLength(2)
  expect(await store.read(`lake/again/${method}`)).toEqual(bytes)
})

test('a read is asked again when its answer is lost', async () => {
  await store.put('lake/read', bytes)
  proxy.loseAnswerOf((request) => request.startsWith('GET'))
  expect(await store.read('lake/read')).toEqual(bytes)
})

test('a container that is not there reads as empty, and a put into it says so', async () => {
  expect(await store.read('missing/file')).toBeUndefined()
  expect(await store.list('missing')).toEqual([])
  await store.remove('missing/file')
  await expect(store.put('missing/file', bytes)).rejects.toThrow(
    'lake store: put missing/file: no container "missing"; deploy the stack, or call createContainers locally',
  )
})

test('a failure that is not about the file is thrown, with the service answer as its cause', async () => {
  const credential = new StorageSharedKeyCredential('stranger', Buffer.from('wrong').toString('base64'))
  const stranger = openLakeStore({ url: account.url, credential })
  const calls = [() => stranger.read('lake/file'), () => stranger.remove('lake/file'), () => stranger.list('lake')]
  for (const call of calls) {
    const error: unknown = await call().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Error)
    expect((error as Error).message).toMatch(/^lake store: \w+ lake/)
    expect((error as Error).cause).toBeInstanceOf(Error)
  }
})

test.each(['', 'container', 'container/', '/leading/slash'])('"%s" is no path of a file', async (path) => {
  await expect(store.put(path, bytes)).rejects.toThrow('expected container/folder/.../name')
})

test.each([
  ['http://127.0.0.1:10010/devstoreaccount1', 'StorageSharedKeyCredential'],
  ['http://localhost:10010/devstoreaccount1', 'StorageSharedKeyCredential'],
  ['http://gateway:10010/devstoreaccount1', 'StorageSharedKeyCredential'],
  ['https://shops.dfs.core.windows.net', 'DefaultAzureCredential'],
])('the credential for %s is a %s', async (url, kind) => {
  expect((await azureCredential({ url })).constructor.name).toBe(kind)
})

test('a client id names the managed identity to use', async () => {
  const credential = await tokenCredential({ clientId: '6f1c1a4e-0000-4000-8000-000000000000' })
  expect(credential.constructor.name).toBe('ManagedIdentityCredential')
})
