// Tested in test/sim/fuzz/decode.test.ts.
import { Command } from 'commander'
import { wholeNumber } from '../generator/option'
import { runCommand } from '../local/cli/run'
import { openDatabase, startServer } from './crash/database'
import { fuzz, type FuzzReport } from './fuzz/run'

interface Options {
  readonly seed: string
  readonly bodies: number
  readonly json?: true
}

const program = new Command('fuzz')
  .description('Sends bodies no producer should send through the pipeline and finds each of them in bronze again.')
  .option('--seed <text>', 'of the bodies', '1')
  .option('--bodies <n>', 'how many', wholeNumber({ from: 1 }), 1_000_000)
  .option('--json', 'print one JSON object')
  .action((options: Options) => runCommand({ json: options.json === true, print: show }, () => run(options)))

async function run({ seed, bodies }: Options): Promise<FuzzReport> {
  const server = await startServer()
  const warehouse = openDatabase(await server.createDatabase('fuzz'))
  try {
    return await fuzz({ seed, bodies, warehouse, onProgress: (done) => console.error(`${done} of ${bodies}`) })
  } finally {
    await warehouse.close()
    await server.close()
  }
}

function show({ bodies, rows, rowsByVerdict, slowest, slowestBatchMs, seconds, faults }: FuzzReport): void {
  console.log(`${bodies} bodies, ${rows} rows in bronze, ${seconds} s; slowest batch ${slowestBatchMs} ms`)
  for (const [verdict, count] of Object.entries(rowsByVerdict)) console.log(`  ${verdict.padEnd(10)} ${count}`)
  console.log(`slowest to decode: ${slowest.kind}, ${slowest.sizeBytes} bytes, ${slowest.ms} ms`)
  console.log([`${faults.length} faults`, ...faults].join('\n  '))
}

void program.parseAsync()
