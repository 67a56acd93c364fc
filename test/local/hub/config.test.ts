import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseHubConfig } from '../../../local/hub/config'
import { hubConfig } from './running'

const withEntities = (...entities: unknown[]) => ({ UserConfig: { NamespaceConfig: [{ Entities: entities }] } })

test('the Config.json of the project is valid', () => {
  const text = readFileSync(join(__dirname, '../../../local/hub/Config.json'), 'utf8')
  expect(parseHubConfig(JSON.parse(text))).toEqual([
    { name: 'retail-events', partitionCount: 4, consumerGroups: ['$Default', 'tillstream'] },
    { name: 'stock-alerts', partitionCount: 1, consumerGroups: ['$Default'] },
  ])
})

test('$Default need not be listed and may be', () => {
  const entity = { Name: 'a', PartitionCount: 1, ConsumerGroups: [{ Name: '$Default' }, { Name: 'b' }] }
  expect(parseHubConfig(withEntities(entity))[0]?.consumerGroups).toEqual(['$Default', 'b'])
  expect(parseHubConfig(hubConfig())[0]?.consumerGroups).toEqual(['$Default', 'readers'])
})

test('every fault is listed', () => {
  const config = withEntities(
    { Name: 'a/b', PartitionCount: 0 },
    { Name: 'x', PartitionCount: 33, ConsumerGroups: [{ Name: 'g' }, { Name: 'G' }] },
    { Name: 'X', PartitionCount: 1 },
  )
  const parse = () => parseHubConfig(config)
  expect(parse).toThrow('Entities[0].Name: expected letters, digits, ".", "_" or "-", got "a/b"')
  expect(parse).toThrow('Entities[0].PartitionCount: expected 1 to 32, got 0')
  expect(parse).toThrow('Entities[1].PartitionCount: expected 1 to 32, got 33')
  expect(parse).toThrow('Entities[1].ConsumerGroups: "G" is there twice')
  expect(parse).toThrow('Entities: hub "X" is there twice')
})

test.each([[undefined], [{}], [{ UserConfig: { NamespaceConfig: [] } }], [withEntities()]])(
  '%j is refused',
  (config) => {
    expect(() => parseHubConfig(config)).toThrow('expected 1 to 10 hubs, got 0')
  },
)
