import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Done, type Order } from '../../../sim/large-bodies/worker'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'
import { migrate } from '../../../src/warehouse/migrate'

/*
 * 450 MB in one batch, as a hub full of large bodies delivers them, by processes of 1 GB: one takes the batch, the next
 * the partition with an empty database, another makes the day. `npm test` compiles the worker first.
 */

const gigabyte = 1 << 30
const heapMb = 1024
const batch = { bodies: 500, salesPerBody: 4, maxBatchBytes: 16 << 20 } as const

let server: TestWarehouse
let folder: string
beforeAll(async () => {
  server = await startTestWarehouse()
  folder = await mkdtemp(join(tmpdir(), 'tillstream-large-'))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

/** What a process of its own says that did the work; throws with its last words when it died. */
async function work(name: Order['work']): Promise<Done> {
  const database = await server.createDatabase(name)
  await migrate(database)
  const script = join(__dirname, '..', '..', '..', 'dist', 'sim', 'large-bodies', 'worker.js')
  const child = fork(script, {
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const said: Done[] = []
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()))
  child.on('message', (done: Done) => said.push(done))
  child.send({ work: name, folder, database, ...batch } satisfies Order)
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  const [done] = said
  if (!done) throw new Error(`${name}: expected to be done, ended with ${code ?? signal}: ${words.slice(-1000)}`)
  return done
}

test('450 MB in one batch, then a resume and the day of them, each in less than 1 GB', async () => {
  const events = batch.bodies * batch.salesPerBody
  for (const name of ['batch', 'resume', 'day'] as const) {
    const done = await work(name)
    // Eighteen bodies of 0.9 MB in each commit.
    expect({ name, ...done }).toMatchObject({ name, events, files: 28 })
    expect({ name, isWithin: done.peakRssBytes < gigabyte, done }).toMatchObject({ name, isWithin: true })
  }
}, 240_000)
