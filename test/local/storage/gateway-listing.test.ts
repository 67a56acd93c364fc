import { gatewayStage } from './gateway-stage'
import { refusalOf } from '../../lake/store/refusal'

const stage = gatewayStage('listing')

describe('folders and listings', () => {
  async function listed(path: string, { recursive = true, size = 5_000 } = {}) {
    const names: string[][] = []
    for await (const page of stage.lake.listPaths({ path, recursive }).byPage({ maxPageSize: size })) {
      names.push(
        (page.pathItems ?? []).map(
          ({ name = '', isDirectory }) => `${name.slice(stage.folder.length + 1)}${isDirectory ? '/' : ''}`,
        ),
      )
    }
    return names
  }

  test('a recursive listing has files and the folders they lie in', async () => {
    for (const name of ['b', 'a/x', 'a-b', 'a/deep/er/y', 'a/deep/z']) await stage.written(name, 'text')
    expect(await listed(stage.folder)).toEqual([
      ['a-b', 'a/', 'a/deep/', 'a/deep/er/', 'a/deep/er/y', 'a/deep/z', 'a/x', 'b'],
    ])
  })

  test('a listing of one level has its files and folders only', async () => {
    for (const name of ['b', 'a/x', 'a/y', 'a-b', 'c/z']) await stage.written(name, 'text')
    expect((await listed(stage.folder, { recursive: false })).flat()).toEqual(['a-b', 'a/', 'b', 'c/'])
  })

  test.each(['recursive', 'one level'])(
    'pages of a %s listing hold no more than asked and miss nothing',
    async (kind) => {
      const recursive = kind === 'recursive'
      for (const name of ['a', 'b/c/d', 'b/c/e', 'b/f', 'b-g', 'h/i', 'j']) await stage.written(name, '')
      await stage.lake.getDirectoryClient(`${stage.folder}/b/empty`).create()
      const whole = (await listed(stage.folder, { recursive })).flat()
      for (const size of [1, 2, 3, 5]) {
        const pages = await listed(stage.folder, { recursive, size })
        expect(pages.flat()).toEqual(whole)
        expect(Math.max(...pages.map(({ length }) => length))).toBeLessThanOrEqual(size)
      }
    },
  )

  test('an item tells its size, time and ETag', async () => {
    const file = await stage.written('item', 'twelve bytes')
    const { value } = (await stage.lake.listPaths({ path: stage.folder }).next()) as { value: Record<string, unknown> }
    const { etag = '', lastModified } = await file.getProperties()
    expect(value).toMatchObject({ contentLength: 12, isDirectory: false, lastModified, etag: etag.replaceAll('"', '') })
  })

  test('a folder made explicitly is there, empty, until deleted', async () => {
    const made = stage.lake.getDirectoryClient(`${stage.folder}/made`)
    await made.create()
    expect((await made.createIfNotExists()).succeeded).toBe(false)
    expect(await listed(stage.folder)).toEqual([['made/']])
    expect(await listed(`${stage.folder}/made`)).toEqual([[]])
    await made.delete()
    expect(await refusalOf(stage.lake.listPaths({ path: `${stage.folder}/made` }).next())).toBe('404 PathNotFound')
  })

  test('a folder with files is deleted only recursively', async () => {
    await stage.written('full/a/1', 'x')
    await stage.written('full/2', 'x')
    await stage.written('fuller', 'x')
    const full = stage.lake.getDirectoryClient(`${stage.folder}/full`)
    expect(await refusalOf(full.delete(false))).toBe('409 DirectoryNotEmpty')
    await full.delete(true)
    expect(await listed(stage.folder)).toEqual([['fuller']])
  })
})
