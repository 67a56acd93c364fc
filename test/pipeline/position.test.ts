import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { appId, checkOneStream, positionIn, positionsOf } from '../../src/pipeline/position'

const txns = new Map<string, number | bigint>([
  ['hub/0', 41],
  ['hub/11', 97n],
])

test('a partition is at the version of its application, and nowhere when there is none', () => {
  expect(positionIn({ txns }, 'hub', 11)).toBe(97)
  expect(positionIn({ txns }, 'hub', 1)).toBeUndefined()
  expect(positionsOf({ txns }, 'hub')).toEqual(
    new Map([
      [0, 41],
      [11, 97],
    ]),
  )
})

test.each(['hub/eu/0', 'other/0', 'hub', 'hub/', 'hub/x'])('the position of %s is no position of hub', (id) => {
  const more = new Map([...txns, [id, 5]])
  expect(() => positionsOf({ txns: more }, 'hub')).toThrow(`expected positions of stream "hub", got one of "${id}"`)
  expect(positionsOf({ txns: more }, 'hub', { others: 'passed over' }).size).toBe(2)
})

test('a stream whose name has a slash has positions as any other', () => {
  expect(positionsOf({ txns: new Map([[appId('hub/eu', 3), 5]]) }, 'hub/eu')).toEqual(new Map([[3, 5]]))
})

test('another stream is refused for the partition that it has, and for no other', () => {
  expect(() => checkOneStream({ txns }, 'anew', 11)).toThrow(/expected bronze of stream "anew", got "hub"/)
  expect(() => checkOneStream({ txns }, 'anew', 1)).not.toThrow()
  expect(() => checkOneStream({ txns }, 'hub', 11)).not.toThrow()
})

test('nothing else spells a position', () => {
  const root = join(__dirname, '..', '..')
  const sources = ['src', 'functions', 'local', 'tools', 'sim', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  )
  const spelling = /\$\{[\w.]*stream[\w.]*\}\/|'\/'\s*\+\s*[\w.]*partition|\}\/\$\{[\w.]*partition\w*\}/i
  const spelled = sources.filter((file) => spelling.test(readFileSync(join(root, file), 'utf8')))
  // The key of a map in memory, which nobody reads back.
  expect(spelled.filter((file) => !file.endsWith('rebuild/handover.ts'))).toEqual(['src/pipeline/position.ts'])
})
