import { Command } from 'commander'
import { runCommand } from '../local/cli/run'
import { benchCommits } from './commits'
import { benchDecode } from './decode'
import { benchHub } from './hub'

/** Each measures one thing on this machine; figures of one run compare with each other, not with another machine's. */
const benches: Readonly<Record<string, { readonly about: string; readonly run: () => unknown }>> = {
  commits: {
    about: 'appends committed per second, sharing commits and contending for them',
    run: () => benchCommits(),
  },
  decode: { about: 'events validated and decoded per second on one core', run: benchDecode },
  hub: { about: 'events per second into and out of the embedded hub, SDK in the same process', run: benchHub },
}

const program = new Command('bench')
  .description('Measures parts of the pipe.')
  .option('--json', 'print one JSON object')

for (const [name, { about, run }] of Object.entries(benches)) {
  program
    .command(name)
    .description(about)
    .option('--json', 'print one JSON object')
    .action((options: { json?: true }) =>
      runCommand({ json: options.json === true, print: (figures) => console.log(figures) }, async () => ({
        ok: true,
        ...((await run()) as object),
      })),
    )
}

void program.parseAsync()
