import { type OpenPorts } from '../../src/app/ports'
import { recordScattered } from '../../src/app/scattered'
import { listen, type Measurement } from '../../src/observe/metrics'

async function measured(query: () => Promise<readonly Record<string, string>[]>) {
  const [found, lines]: [Measurement[], string[]] = [[], []]
  const stop = listen((measurement) => found.push(measurement))
  const log = (_level: string, line: string) => void lines.push(line)
  await recordScattered({ ports: { warehouse: { query }, log } as unknown as OpenPorts })
  stop()
  return { found, lines }
}

test('the stores in several partitions are measured', async () => {
  const { found, lines } = await measured(() => Promise.resolve([{ n: '3' }]))
  expect(found).toEqual([{ name: 'tillstream.stores_scattered', value: 3 }])
  expect(lines).toEqual([])
})

test('a database that does not answer is told, and the pulse goes on', async () => {
  const { found, lines } = await measured(() => Promise.reject(new Error('gone')))
  expect(found).toEqual([])
  expect(lines).toEqual(['stores in several partitions: not counted: gone'])
})
