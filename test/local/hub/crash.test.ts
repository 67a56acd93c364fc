import { type ChildProcess, spawn } from 'node:child_process'
import events from 'node:events'
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildSync } from 'esbuild'
import { type EventContext } from 'rhea'
import { startHub } from '../../../local/hub/hub'
import { batchFormat } from '../../../local/hub/message'
import { connect, dataMessage, once } from './plain'
import {
  bodies,
  consumerOf,
  hubConfig,
  hubName,
  later,
  numbered,
  producerOf,
  receive,
  runHub,
  temporaryFolder,
} from './running'

const root = join(__dirname, '../../..')

/** Compiles a script that runs a hub on a data folder and prints its port. */
function hubScript(): string {
  const outfile = join(temporaryFolder(), 'hub.js')
  const contents = `
    import { startHub } from './local/hub/hub'
    const [dataDir, config] = process.argv.slice(2)
    startHub({ dataDir, config: JSON.parse(config), port: 0 }).then((hub) => console.log(hub.port))`
  const stdin = { contents, resolveDir: root, loader: 'ts' as const }
  buildSync({ stdin, bundle: true, packages: 'external', platform: 'node', format: 'cjs', outfile })
  return outfile
}

async function spawnHub(script: string, dataDir: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [script, dataDir, JSON.stringify(hubConfig())], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
  })
  later(() => void child.kill('SIGKILL'))
  const [line] = (await events.once(createInterface(child.stdout), 'line')) as [string]
  return { child, port: Number(line) }
}

/** Sends batches as fast as credit allows until the hub is gone; the numbers of those it accepted. */
async function sendUntilKilled(port: number, life: number, onAccepted: (count: number) => void): Promise<number[]> {
  const { connection } = connect(port)
  const sender = connection.open_sender(`${hubName}/Partitions/0`)
  const numbers = new Map<number, number>()
  const accepted: number[] = []
  sender.on('sendable', () => {
    while (sender.sendable())
      numbers.set(sender.send(batchOf(life, numbers.size), undefined, batchFormat).id, numbers.size)
  })
  sender.on('accepted', ({ delivery }: EventContext) => {
    accepted.push(numbers.get(delivery?.id ?? -1) ?? -1)
    onAccepted(accepted.length)
  })
  await once(connection, 'disconnected')
  return accepted
}

const batchEvents = 7

function batchOf(life: number, batch: number): Buffer {
  const texts = Array.from({ length: batchEvents }, (_, index) => `${life}-${batch}-${index}`)
  return dataMessage(...texts.map((text) => dataMessage(text)))
}

test('every accepted send survives the killing of the process, whole batches, numbers unchanged', async () => {
  const dataDir = temporaryFolder()
  const script = hubScript()
  const accepted: string[] = []
  for (let life = 0; life < 3; life++) {
    const { child, port } = await spawnHub(script, dataDir)
    const exited = events.once(child, 'exit')
    const batches = await sendUntilKilled(port, life, (count) => {
      if (count === 100) child.kill('SIGKILL')
    })
    await exited
    accepted.push(...batches.map((batch) => `${life}-${batch}`))
  }
  const hub = await runHub({ dataDir })
  const stored = hub.health().hubs[0]?.partitions[0]?.nextSequence ?? 0
  const received = await receive(consumerOf(hub), '0', stored)
  expect(received.map((event) => event.sequenceNumber)).toEqual(Array.from({ length: stored }, (_, index) => index))
  const batches = new Map<string, string[]>()
  for (const body of bodies(received)) {
    const [life, batch, index] = body.split('-')
    batches.set(`${life}-${batch}`, [...(batches.get(`${life}-${batch}`) ?? []), String(index)])
  }
  const whole = Array.from({ length: batchEvents }, (_, index) => String(index))
  expect([...batches.values()].filter((indexes) => indexes.join() !== whole.join())).toEqual([])
  expect(accepted.length).toBeGreaterThanOrEqual(300)
  expect(accepted.filter((batch) => !batches.has(batch))).toEqual([])
})

/** A data folder with three batches in partition 0, and the file they are in. */
async function folderWithEvents(): Promise<{ dataDir: string; file: string; ends: number[] }> {
  const dataDir = temporaryFolder()
  const hub = await runHub({ dataDir })
  const producer = producerOf(hub)
  const dir = join(dataDir, 'hubs', hubName, '0')
  const file = join(dir, readdirSync(dir)[0] ?? '')
  const ends: number[] = []
  for (const prefix of ['a', 'b', 'c']) {
    await producer.sendBatch(numbered(prefix, 2), { partitionId: '0' })
    ends.push(statSync(file).size)
  }
  await hub.close()
  return { dataDir, file, ends }
}

describe('after a crash in the middle of an append', () => {
  test.each([1, 20, 100])('%d missing bytes cost the whole last batch and nothing else', async (missing) => {
    const { dataDir, file, ends } = await folderWithEvents()
    truncateSync(file, statSync(file).size - missing)
    const hub = await runHub({ dataDir })
    expect(hub.health().truncatedBytes).toBe((ends[2] ?? 0) - missing - (ends[1] ?? 0))
    await producerOf(hub).sendBatch(numbered('d', 1), { partitionId: '0' })
    const received = await receive(consumerOf(hub), '0', 5)
    expect(bodies(received)).toEqual(['a0', 'a1', 'b0', 'b1', 'd0'])
    expect(received.map((event) => event.sequenceNumber)).toEqual([0, 1, 2, 3, 4])
  })

  test('zeros after the last record are cut off', async () => {
    const { dataDir, file, ends } = await folderWithEvents()
    appendFileSync(file, Buffer.alloc(5000))
    const hub = await runHub({ dataDir })
    expect(bodies(await receive(consumerOf(hub), '0', 6))).toEqual(['a0', 'a1', 'b0', 'b1', 'c0', 'c1'])
    expect(statSync(file).size).toBe(ends[2])
  })
})

describe('damage to stored events is an error that names the file and the byte of the record', () => {
  test.each([
    ['in the first record', (ends: number[]) => ({ damaged: 50, record: 0, ends })],
    ['in the length of a record', (ends: number[]) => ({ damaged: (ends[0] ?? 0) + 8, record: ends[0], ends })],
    ['in the last record', (ends: number[]) => ({ damaged: (ends[2] ?? 0) - 1, record: ends[1], ends })],
  ])('%s', async (_, place) => {
    const { dataDir, file, ends } = await folderWithEvents()
    const { damaged, record } = place(ends)
    const bytes = readFileSync(file)
    bytes[damaged] = (bytes[damaged] ?? 0) ^ 0xff
    writeFileSync(file, bytes)
    await expect(startHub({ config: hubConfig(), dataDir, port: 0 })).rejects.toThrow(
      `hub data ${file} byte ${record}:`,
    )
    expect(readFileSync(file)).toEqual(bytes)
  })
})
