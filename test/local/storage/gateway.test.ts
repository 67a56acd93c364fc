import { DataLakeServiceClient } from '@azure/storage-file-datalake'
import { startGateway } from '../../../local/storage/gateway'
import { gatewayStage } from './gateway-stage'
import { refusalOf, refusalText } from '../../lake/store/refusal'

/**
 * The gateway as the real DataLake client sees it: status and error codes of
 * https://learn.microsoft.com/rest/api/storageservices/data-lake-storage-gen2.
 */
const stage = gatewayStage('gateway')

describe('files', () => {
  test('a new file is answered with 201, its ETag and its time, and is empty', async () => {
    const made = await stage.fileOf('new').create()
    expect(made._response.status).toBe(201)
    expect(made.etag).toMatch(/^"0x[0-9A-F]+"$/)
    expect(made.lastModified).toBeInstanceOf(Date)
    expect(await stage.contentOf('new')).toBe('')
  })

  test('creating replaces a file, and fails with PathAlreadyExists under If-None-Match: *', async () => {
    await stage.written('file', 'old')
    expect(await refusalOf(stage.fileOf('file').create({ conditions: { ifNoneMatch: '*' } }))).toBe(
      '409 PathAlreadyExists',
    )
    expect((await stage.fileOf('file').createIfNotExists()).succeeded).toBe(false)
    expect(await stage.contentOf('file')).toBe('old')
    await stage.fileOf('file').create()
    expect(await stage.contentOf('file')).toBe('')
  })

  test('properties and content type given at creation stay through append and flush', async () => {
    const file = stage.fileOf('described')
    await file.create({ metadata: { origin: 'till 7' }, pathHttpHeaders: { contentType: 'application/json' } })
    await file.append('{}', 0, 2, { flush: true })
    const properties = await file.getProperties()
    expect([properties.metadata, properties.contentType, properties.contentLength]).toEqual([
      { origin: 'till 7' },
      'application/json',
      2,
    ])
  })

  test('appends are unseen until flushed, in whatever order they came', async () => {
    const file = stage.fileOf('ordered')
    await file.create()
    await Promise.all([file.append('cc', 4, 2), file.append('aa', 0, 2), file.append('bb', 2, 2)])
    expect(await stage.contentOf('ordered')).toBe('')
    const flushed = await file.flush(6)
    expect(flushed._response.status).toBe(200)
    expect(flushed.contentLength).toBe(0)
    expect(flushed.etag).toBe((await file.getProperties()).etag)
    expect(await stage.contentOf('ordered')).toBe('aabbcc')
  })

  test('a file grows by further appends, after a single write and after blocks', async () => {
    const file = await stage.written('log', 'one,')
    await file.append('two,', 4, 4, { flush: true })
    await file.append('three,', 8, 6)
    await file.append('four', 14, 4)
    await file.flush(18)
    expect(await stage.contentOf('log')).toBe('one,two,three,four')
  })

  test('an append repeated at its position replaces itself', async () => {
    const file = stage.fileOf('again')
    await file.create()
    await file.append('xx', 0, 2)
    await file.append('yy', 0, 2)
    await file.flush(2)
    expect(await stage.contentOf('again')).toBe('yy')
  })

  test('a flush anywhere but at the end of contiguous bytes is InvalidFlushPosition', async () => {
    const file = stage.fileOf('holes')
    await file.create()
    await file.append('aa', 0, 2)
    await file.append('cc', 4, 2)
    expect(await refusalOf(file.flush(6))).toBe('400 InvalidFlushPosition')
    expect(await refusalOf(file.flush(1))).toBe('400 InvalidFlushPosition')
    await file.flush(2)
    expect(await stage.contentOf('holes')).toBe('aa')
    expect(await refusalOf(file.append('late', 0, 4, { flush: true }))).toBe('400 InvalidFlushPosition')
  })

  test('a file that is not there cannot be appended to, flushed or deleted', async () => {
    expect(await refusalOf(stage.fileOf('no').append('a', 0, 1))).toBe('404 PathNotFound')
    expect(await refusalOf(stage.fileOf('no').flush(0))).toBe('404 PathNotFound')
    expect(await refusalOf(stage.fileOf('no').delete())).toBe('404 PathNotFound')
    expect((await stage.fileOf('no').deleteIfExists()).succeeded).toBe(false)
    expect(await stage.fileOf('no').exists()).toBe(false)
  })

  test('a delete under a condition that no longer holds is ConditionNotMet', async () => {
    const file = await stage.written('guarded', 'x')
    expect(await refusalOf(file.delete(false, { conditions: { ifMatch: '"0x1"' } }))).toBe('412 ConditionNotMet')
    expect((await file.delete())._response.status).toBe(200)
  })

  test('part of a file is read with 206 and its range', async () => {
    const file = await stage.written('digits', '0123456789')
    const part = await file.read(2, 3)
    expect([part._response.status, part.contentRange]).toEqual([206, 'bytes 2-4/10'])
    expect(await refusalOf(file.read(50, 1))).toBe('416 InvalidRange')
  })
})

describe('renames', () => {
  const taken = { destinationConditions: { ifNoneMatch: '*' } }

  test('a rename is answered with 201 and the ETag the file then has', async () => {
    const file = await stage.written('from', 'moved')
    const moved = await file.move(`${stage.folder}/to`)
    expect(moved._response.status).toBe(201)
    expect(moved.etag).toBe((await stage.fileOf('to').getProperties()).etag)
    expect(await stage.contentOf('to')).toBe('moved')
    expect(await file.exists()).toBe(false)
  })

  test('a rename replaces its target, and fails with PathAlreadyExists under If-None-Match: *', async () => {
    await stage.written('target', 'old')
    const file = await stage.written('from', 'new')
    expect(await refusalOf(file.move(`${stage.folder}/target`, taken))).toBe('409 PathAlreadyExists')
    expect(await stage.contentOf('target')).toBe('old')
    await file.move(`${stage.folder}/target`)
    expect(await stage.contentOf('target')).toBe('new')
  })

  test('a rename of what is not there is SourcePathNotFound', async () => {
    await stage.written('beside', '')
    expect(await refusalOf(stage.fileOf('no').move(`${stage.folder}/to`, taken))).toBe('404 SourcePathNotFound')
  })

  test('a rename into a folder that is not there is RenameDestinationParentPathNotFound', async () => {
    const file = await stage.written('from', 'x')
    expect(await refusalOf(file.move(`${stage.folder}/deep/er/to`))).toBe('404 RenameDestinationParentPathNotFound')
    await stage.lake.getDirectoryClient(`${stage.folder}/deep/er`).create()
    expect((await file.move(`${stage.folder}/deep/er/to`, taken))._response.status).toBe(201)
  })

  test('a rename onto itself keeps the file', async () => {
    const file = await stage.written('same', 'x')
    expect(await refusalOf(file.move(`${stage.folder}/same`, taken))).toBe('409 PathAlreadyExists')
    await file.move(`${stage.folder}/same`)
    expect(await stage.contentOf('same')).toBe('x')
  })

  test('conditions on source and target are told apart', async () => {
    await stage.written('target', 'old')
    const file = await stage.written('from', 'new')
    const stale = { ifMatch: '"0x1"' }
    expect(await refusalOf(file.move(`${stage.folder}/target`, { destinationConditions: stale }))).toBe(
      '412 ConditionNotMet',
    )
    expect(await refusalOf(file.move(`${stage.folder}/target`, { conditions: stale }))).toBe(
      '412 SourceConditionNotMet',
    )
    expect(await stage.contentOf('from')).toBe('new')
  })

  test('renaming a folder is refused as not implemented', async () => {
    await stage.written('inside/file', 'x')
    expect(await refusalOf(stage.lake.getDirectoryClient(`${stage.folder}/inside`).move(`${stage.folder}/out`))).toBe(
      '501 NotImplemented',
    )
  })

  test('of renames to one name through two gateways at once exactly one is accepted', async () => {
    const second = await startGateway({ port: 0, blobUrl: stage.account.azurite.blobUrl })
    const other = new DataLakeServiceClient(second.url, stage.account.credential, { retryOptions: { maxTries: 1 } })
    try {
      const names = Array.from({ length: 20 }, (_, i) => `${stage.folder}/${i}.tmp`)
      await Promise.all(names.map((name) => stage.lake.getFileClient(name).create()))
      const answers = await Promise.allSettled(
        names.map((name, i) => {
          const through = i % 2 === 0 ? stage.service : other
          return through.getFileSystemClient('gateway').getFileClient(name).move(`${stage.folder}/winner`, taken)
        }),
      )
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [refusalText(answer.reason)] : []))
      expect(new Set(refusals)).toEqual(new Set(['409 PathAlreadyExists']))
    } finally {
      await second.close()
    }
  })
})

describe('file systems', () => {
  test('every call on one that is not there is FilesystemNotFound', async () => {
    const missing = stage.service.getFileSystemClient('missing')
    const file = missing.getFileClient('file')
    expect(await refusalOf(file.create())).toBe('404 FilesystemNotFound')
    expect(await refusalOf(file.append('x', 0, 1))).toBe('404 FilesystemNotFound')
    expect(await refusalOf(file.delete())).toBe('404 FilesystemNotFound')
    expect(await refusalOf(missing.listPaths().next())).toBe('404 FilesystemNotFound')
    await stage.written('from', 'x')
    expect(await refusalOf(stage.fileOf('from').move('missing', 'to'))).toBe('404 FilesystemNotFound')
  })
})
