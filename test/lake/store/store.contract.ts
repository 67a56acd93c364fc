import { type Store } from '../../../src/lake/store'

/** A store to hold to the contract, and a folder of it that is empty and nobody else's. */
export interface OpenedStore {
  readonly store: Store
  /** `container/folder`; the container is there. */
  readonly root: string
  close(): Promise<void>
}

/** What every `Store` owes its callers; `name` says in the report which one is being asked. */
export function storeContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`store contract: ${name}`, () => {
    let opened: OpenedStore
    let store: Store
    /** A path below a folder of this test's own. */
    let at: (path: string) => string
    let tests = 0

    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(async () => {
      await opened?.close()
    })
    beforeEach(() => {
      tests += 1
      const folder = `${opened.root}/t${tests}`
      at = (path) => `${folder}/${path}`
    })

    const text = (value: string) => new TextEncoder().encode(value)
    const readText = async (path: string, range?: { start: number; end: number }) => {
      const bytes = await store.read(path, range)
      return bytes && new TextDecoder().decode(bytes)
    }
    const listed = async (...request: Parameters<Store['list']>) =>
      (await store.list(...request)).map(({ path }) => path)

    test.each([
      ['empty', 0],
      ['of one byte', 1],
      ['of exactly one chunk', 4 * 1024 * 1024],
      ['of 9 MiB', 9 * 1024 * 1024 + 5],
    ])('a file %s reads back byte for byte', async (_, sizeBytes) => {
      const bytes = patterned(sizeBytes)
      await store.put(at('file.bin'), bytes)
      const read = await store.read(at('file.bin'))
      expect(read?.byteLength).toBe(sizeBytes)
      expect(Buffer.compare(Buffer.from(read ?? []), Buffer.from(bytes))).toBe(0)
    })

    test('a view into a larger buffer stores the view only', async () => {
      await store.put(at('view'), text('..middle..').subarray(2, 8))
      expect(await readText(at('view'))).toBe('middle')
    })

    test('a missing file reads as undefined, whole or in part', async () => {
      expect(await store.read(at('missing'))).toBeUndefined()
      expect(await store.read(at('missing'), { start: 0, end: 10 })).toBeUndefined()
      expect(await store.read(at('missing'), { start: 3, end: 3 })).toBeUndefined()
    })

    test('a range is half open and ends with the file', async () => {
      await store.put(at('digits'), text('0123456789'))
      expect(await readText(at('digits'), { start: 0, end: 4 })).toBe('0123')
      expect(await readText(at('digits'), { start: 4, end: 10 })).toBe('456789')
      expect(await readText(at('digits'), { start: 8, end: 100 })).toBe('89')
      expect(await readText(at('digits'), { start: 3, end: 3 })).toBe('')
    })

    test('a range that begins at or after the end of the file is empty', async () => {
      await store.put(at('digits'), text('0123456789'))
      await store.put(at('empty'), text(''))
      expect(await readText(at('digits'), { start: 10, end: 12 })).toBe('')
      expect(await readText(at('digits'), { start: 50, end: 60 })).toBe('')
      expect(await readText(at('empty'), { start: 0, end: 5 })).toBe('')
    })

    test.each([
      ['a longer one', 'a longer text than before'],
      ['a shorter one', 's'],
      ['an empty one', ''],
    ])('a put replaces an earlier file by %s', async (_, after) => {
      await store.put(at('file'), text('the text before'))
      await store.put(at('file'), text(after))
      expect(await readText(at('file'))).toBe(after)
    })

    test('a listing has files at any depth, no folders, ordered by path', async () => {
      // Ordered by path, `a-b` is before `a/b`; a walk of the tree would visit them the other way round.
      const names = ['a-b', 'a/b', 'a/b.txt', 'a/c/d/e', 'a0', 'b', 'Z']
      for (const name of [...names].reverse()) await store.put(at(`list/${name}`), text(name))
      await store.put(at('listing-beside'), text('x'))
      expect(await listed(at('list'))).toEqual(['Z', ...names.slice(0, -1)].map((name) => at(`list/${name}`)))
      expect(await listed(at('list/a'))).toEqual(['b', 'b.txt', 'c/d/e'].map((name) => at(`list/a/${name}`)))
      expect(await listed(at('list/a/'))).toEqual(await listed(at('list/a')))
    })

    test('a listing tells sizes and times', async () => {
      await store.put(at('sized/five'), text('12345'))
      await store.put(at('sized/none'), text(''))
      const files = await store.list(at('sized'))
      expect(files.map(({ sizeBytes }) => sizeBytes)).toEqual([5, 0])
      for (const { modifiedMs } of files) expect(Math.abs(modifiedMs - Date.now())).toBeLessThan(3_600_000)
    })

    test('a listing after a path begins with the next one', async () => {
      for (const name of ['1', '2/x', '2/y', '3']) await store.put(at(`after/${name}`), text(name))
      const after = (name: string) => listed(at('after'), { after: at(`after/${name}`) })
      expect(await after('1')).toEqual(['2/x', '2/y', '3'].map((name) => at(`after/${name}`)))
      expect(await after('2/x')).toEqual(['2/y', '3'].map((name) => at(`after/${name}`)))
      expect(await after('2')).toEqual(['2/x', '2/y', '3'].map((name) => at(`after/${name}`)))
      expect(await after('3')).toEqual([])
    })

    test('a listing is whole however many pages it takes', async () => {
      const names = Array.from({ length: 23 }, (_, i) => at(`pages/${i % 3}/deep/${String(i).padStart(2, '0')}`))
      await Promise.all(names.map((name) => store.put(name, text('x'))))
      expect(await listed(at('pages'))).toEqual([...names].sort())
    })

    test('a folder that is not there lists as empty', async () => {
      expect(await store.list(at('nowhere'))).toEqual([])
    })

    test('a rename moves a file to a free name, into a new folder too', async () => {
      await store.put(at('tmp/1'), text('one'))
      await store.put(at('tmp/2'), text('two'))
      expect(await store.rename(at('tmp/1'), at('tmp/renamed'))).toBe('moved')
      expect(await store.rename(at('tmp/2'), at('new/folder/renamed'))).toBe('moved')
      expect(await listed(at('tmp'))).toEqual([at('tmp/renamed')])
      expect(await readText(at('tmp/renamed'))).toBe('one')
      expect(await readText(at('new/folder/renamed'))).toBe('two')
    })

    test('a rename to a taken name answers exists and changes neither file', async () => {
      await store.put(at('mine'), text('mine'))
      await store.put(at('theirs'), text('theirs'))
      expect(await store.rename(at('mine'), at('theirs'))).toBe('exists')
      expect([await readText(at('mine')), await readText(at('theirs'))]).toEqual(['mine', 'theirs'])
    })

    test('a rename of a missing file throws, naming it', async () => {
      await expect(store.rename(at('gone'), at('target'))).rejects.toThrow(at('gone'))
      expect(await store.read(at('target'))).toBeUndefined()
    })

    test('of 20 concurrent renames to one name exactly one wins, and its content stays', async () => {
      const sources = Array.from({ length: 20 }, (_, i) => at(`race/${i}.tmp`))
      await Promise.all(sources.map((source) => store.put(source, text(source))))
      const outcomes = await Promise.all(sources.map((source) => store.rename(source, at('race/0001.json'))))
      const winners = sources.filter((_, i) => outcomes[i] === 'moved')
      expect(winners).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(19)
      expect(await readText(at('race/0001.json'))).toBe(winners[0])
      expect(await listed(at('race'))).toHaveLength(20)
    })

    test('concurrent puts of different files do not mix', async () => {
      const names = Array.from({ length: 16 }, (_, i) => at(`parallel/${i}`))
      await Promise.all(names.map((name) => store.put(name, text(name.repeat(100)))))
      for (const name of names) expect(await readText(name)).toBe(name.repeat(100))
    })

    test('a remove takes the file away, and again is no error', async () => {
      await store.put(at('file'), text('x'))
      await store.remove(at('file'))
      expect(await store.read(at('file'))).toBeUndefined()
      await store.remove(at('file'))
      await store.remove(at('never/was'))
    })

    test.each([
      'date=2010-12-01/part-0.parquet',
      'with space/and  two.txt',
      'plus+plus&and=equals;semi',
      '100%.txt',
      'escaped%20%2F.txt',
      "quote's (1) [2] {3}!~@$,.txt",
      'hash#question?.txt',
      'Zürich/東京/🛒.json',
      '__HIVE_DEFAULT_PARTITION__/_delta_log/00000000000000000000.json',
    ])('a file named %s is put, read, listed, renamed and removed', async (name) => {
      const path = at(`odd/${name}`)
      await store.put(path, text(name))
      expect(await readText(path)).toBe(name)
      expect(await listed(at('odd'))).toEqual([path])
      expect(await store.rename(path, `${path}.2`)).toBe('moved')
      expect(await store.rename(`${path}.2`, path)).toBe('moved')
      expect(await readText(path)).toBe(name)
      await store.remove(path)
      expect(await listed(at('odd'))).toEqual([])
    })
  })
}

/** Bytes that differ from place to place, so that a chunk lost, doubled or swapped shows. */
function patterned(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  for (let i = 0; i < sizeBytes; i++) bytes[i] = (i ^ (i >>> 8) ^ (i >>> 16)) & 0xff
  return bytes
}
