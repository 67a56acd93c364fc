import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { lastLine } from '../../local/stack'

/*
 * The soak as `npm run bench -- soak` runs it, but short: real processes, killed for real. `npm test` compiles first.
 */

const root = join(__dirname, '..', '..', '..')
const timeLimitMs = 240_000

interface Soak {
  readonly process: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
}

const started: Soak[] = []

function startSoak(...flags: readonly string[]): Soak {
  const child = spawn(process.execPath, [join(root, 'dist', 'bench', 'bench.js'), 'soak', '--json', ...flags])
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()))
  const soak = { process: child, stdout: () => text.stdout, stderr: () => text.stderr }
  started.push(soak)
  return soak
}

/** The folder of one soak, which the command line of each of its processes names. */
function folderOf({ stderr }: Soak): string | undefined {
  const data = /data in (\S+)/.exec(stderr())?.[1]
  return data && dirname(data)
}

/** Command lines of the processes that name a text; known on Linux alone. */
async function processesOf(text: string): Promise<readonly string[]> {
  if (process.platform !== 'linux') return []
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  // A process may end while it is looked at.
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))
  return lines.filter((line) => line.includes(text)).map((line) => line.replaceAll('\0', ' '))
}

afterEach(async () => {
  for (const soak of started.splice(0)) {
    soak.process.kill('SIGKILL')
    const folder = folderOf(soak)
    if (folder === undefined) continue
    while ((await processesOf(folder)).length > 0) await sleep(50)
    await rm(folder, { recursive: true, force: true })
  }
})

test(
  'stores without a key, a hub that grows from 4 partitions to 8, a host, the hub, the gateway and PostgreSQL killed: none lost, none counted twice, nothing left',
  async () => {
    const soak = startSoak('--for', '14s', '--kills', '4', '--rate', '150', '--scattered', '--grow', '8')
    await once(soak.process, 'close')
    const report = lastLine(soak.stdout())
    expect({ report, log: soak.stderr() }).toMatchObject({
      report: {
        ok: true,
        kills: { host: 1, hub: 1, gateway: 1, postgres: 1 },
        lost: 0,
        duplicated: 0,
        wrong: 0,
        verify: { ok: true, failed: {} },
      },
    })
    expect(report.eventsSent).toBeGreaterThan(1000)
    // How many of the new partitions have got events by then is a matter of the machine's speed.
    expect(report.partitions).toBeGreaterThan(4)
    const folder = folderOf(soak) ?? ''
    expect(folder).not.toBe('')
    expect(existsSync(folder)).toBe(false)
    expect(await processesOf(folder)).toEqual([])
  },
  timeLimitMs,
)

test(
  'a soak that is itself killed leaves no process behind',
  async () => {
    const soak = startSoak('--for', '60s', '--kills', '0')
    while (folderOf(soak) === undefined) await once(soak.process.stderr as NodeJS.ReadableStream, 'data')
    const folder = folderOf(soak) ?? ''
    // Azurite, hub and PostgreSQL, a part and a server each but for the hub, and more as they come up.
    while ((await processesOf(folder)).length < 5) await sleep(50)
    soak.process.kill('SIGKILL')
    // By themselves, or the test ends by its time limit.
    while ((await processesOf(folder)).length > 0) await sleep(50)
  },
  timeLimitMs,
)
