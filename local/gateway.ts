// Tested by hand: npm run gateway.
import { Command } from 'commander'
import { wholeNumber } from './cli/options'
import { runCommand, stopSignal } from './cli/run'
import { startLake } from './storage/storage'

interface GatewayOptions {
  readonly blob: string
  readonly port: number
  readonly host: string
}

const program = new Command('gateway')
  .description('Puts the DFS half of ADLS Gen2 before an Azurite that runs elsewhere, as in a Compose network.')
  .option('--blob <url>', "Azurite's blob endpoint, without the account", 'http://127.0.0.1:10000')
  .option('--port <n>', 'port to listen on', wholeNumber({ from: 1, to: 65_535 }), 10_010)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .parse()

const stopping = stopSignal()

async function serve(): Promise<{ ok: boolean }> {
  const { blob, port, host } = program.opts<GatewayOptions>()
  const gateway = await startLake({ port, blobUrl: blob, host })
  try {
    console.error(`storage   ${gateway.url}`)
    await new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve()))
    return { ok: true }
  } finally {
    await gateway.close()
  }
}

void runCommand({ json: false }, serve)
