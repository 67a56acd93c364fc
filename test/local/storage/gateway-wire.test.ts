import { once } from 'node:events'
import { createServer, request as requestTo } from 'node:http'
import { type AddressInfo } from 'node:net'
import { BlobServiceClient, StorageSharedKeyCredential as BlobKey } from '@azure/storage-blob'
import { DataLakeServiceClient, StorageSharedKeyCredential } from '@azure/storage-file-datalake'
import { startGateway } from '../../../local/storage/gateway'
import { emulatorAccount } from '../../../src/azure/credential'
import { gatewayStage } from './gateway-stage'
import { refusalOf } from '../../lake/store/refusal'

const stage = gatewayStage('wire')

/** A request as no SDK makes it. */
function raw(method: string, path: string, { authorization = `SharedKey ${emulatorAccount.name}:unchecked` } = {}) {
  return new Promise<{ status: number; code: string; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const headers = { ...(authorization && { authorization }), 'x-ms-client-request-id': 'ask-1' }
      const request = requestTo(`${stage.account.url}${path}`, { method, headers }, (answer) => {
        let body = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        answer.on('end', () => {
          const code = String(answer.headers['x-ms-error-code'] ?? '')
          resolve({ status: answer.statusCode ?? 0, code, headers: answer.headers, body })
        })
      })
      request.on('error', reject).end()
    },
  )
}

describe('the wire', () => {
  test('a file system is made, found and deleted by its DFS calls', async () => {
    const answers: string[] = []
    for (const method of ['PUT', 'PUT', 'HEAD', 'DELETE', 'HEAD']) {
      const { status, code } = await raw(method, '/made-raw?resource=filesystem')
      answers.push(`${method} ${status} ${code}`.trim())
    }
    expect(answers).toEqual([
      'PUT 201',
      'PUT 409 FilesystemAlreadyExists',
      'HEAD 200',
      'DELETE 202',
      'HEAD 404 FilesystemNotFound',
    ])
  })

  test('an error carries its code in a header and, as JSON, in the body', async () => {
    const { status, headers, body } = await raw('PATCH', `/wire/${stage.folder}/no?action=flush&position=0`)
    expect(status).toBe(404)
    expect(headers).toMatchObject({ 'x-ms-error-code': 'PathNotFound', 'x-ms-client-request-id': 'ask-1' })
    expect(headers['x-ms-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'PathNotFound' } })
  })

  test.each([
    ['no authorization', '', '401 NoAuthenticationInformation'],
    ['another account', 'SharedKey shops:abc', '403 AuthenticationFailed'],
  ])('a call with %s is refused', async (_, authorization, expected) => {
    const { status, code } = await raw('PUT', '/wire/secret?resource=file', { authorization })
    expect(`${status} ${code}`).toBe(expected)
  })

  test.each([
    ['PATCH', 'action=append&position=minus', '400 InvalidQueryParameterValue'],
    ['PATCH', 'action=append&position=0', '400 InvalidInput'],
    ['PATCH', 'action=setAccessControl', '501 NotImplemented'],
  ])('%s ?%s is refused with %s', async (method, query, expected) => {
    const { status, code } = await raw(method, `/wire/${stage.folder}/file?${query}`)
    expect(`${status} ${code}`).toBe(expected)
  })

  test.each([
    ['file', '5'],
    ['.', '0'],
  ])('HEAD with action=getStatus tells file from folder: %s', async (name, length) => {
    await stage.written('file', '12345')
    const { status, headers } = await raw(
      'HEAD',
      `/wire/${stage.folder}${name === '.' ? '' : `/${name}`}?action=getStatus`,
    )
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-length': length,
      'x-ms-resource-type': name === '.' ? 'directory' : 'file',
    })
  })

  test('blob calls pass through, signed by their client', async () => {
    const key = new BlobKey(emulatorAccount.name, emulatorAccount.key)
    const container = new BlobServiceClient(stage.account.url, key).getContainerClient('wire')
    const bytes = Buffer.alloc(300_000, 'till')
    await container.getBlockBlobClient(`${stage.folder}/blob`).upload(bytes, bytes.byteLength)
    expect((await stage.fileOf('blob').readToBuffer()).equals(bytes)).toBe(true)
    await container.deleteBlob(`${stage.folder}/blob`)
    expect(await stage.fileOf('blob').exists()).toBe(false)
  })

  test('a wrong key is still refused where the emulator checks it', async () => {
    const wrong = new StorageSharedKeyCredential(emulatorAccount.name, Buffer.from('wrong').toString('base64'))
    const file = new DataLakeServiceClient(stage.account.url, wrong).getFileSystemClient('wire').getFileClient('file')
    expect(await refusalOf(file.read())).toBe('403 AuthorizationFailure')
  })
})

describe('faults around the gateway', () => {
  test('an emulator that does not answer is ServerBusy, for DFS and blob calls alike', async () => {
    const unused = createServer().listen(0, '127.0.0.1')
    await once(unused, 'listening')
    const { port } = unused.address() as AddressInfo
    unused.close()
    await once(unused, 'close')
    const lonely = await startGateway({ port: 0, blobUrl: `http://127.0.0.1:${port}` })
    const options = { retryOptions: { maxTries: 1 } }
    const client = new DataLakeServiceClient(lonely.url, stage.account.credential, options).getFileSystemClient('wire')
    try {
      expect(await refusalOf(client.getFileClient('file').create())).toBe('503 ServerBusy')
      const read: unknown = await client
        .getFileClient('file')
        .read()
        .catch((error: unknown) => error)
      expect(read).toMatchObject({ statusCode: 503 })
    } finally {
      await lonely.close()
    }
  })

  test('a taken port is an error that names it', async () => {
    const { port } = stage.account.gateway
    await expect(startGateway({ port, blobUrl: stage.account.azurite.blobUrl })).rejects.toThrow(
      `storage gateway: cannot listen on 127.0.0.1:${port}: the port is taken`,
    )
  })
})
