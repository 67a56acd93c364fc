import { Command, Option } from 'commander'
import { duration, number, wholeNumber } from '../generator/option'
import { runCommand } from '../local/cli/run'
import { benchBatch } from './batch'
import { benchCommits } from './commits'
import { benchDecode } from './decode'
import { benchHub } from './hub'
import { benchRecovery } from './recovery'
import { benchSoak, type SoakOptions } from '../sim/soak'

type BenchOptions = SoakOptions & { readonly events: number }

interface Bench {
  readonly about: string
  /** What can be said on the command line, besides `--json`. */
  readonly flags?: readonly Option[]
  readonly run: (options: BenchOptions) => unknown
}

/** Each measures one thing on this machine; figures of one run compare with each other, not with another machine's. */
const benches: Readonly<Record<string, Bench>> = {
  batch: {
    about: 'a day of gold from so many events in bronze: time, and the most memory it takes',
    flags: [new Option('--events <n>', 'events of the day').argParser(wholeNumber({ from: 1 })).default(1_000_000)],
    run: benchBatch,
  },
  commits: {
    about: 'appends committed per second, sharing commits and contending for them',
    run: () => benchCommits(),
  },
  decode: { about: 'events validated and decoded per second on one core', run: () => benchDecode() },
  hub: { about: 'events per second into and out of the embedded hub, SDK in the same process', run: () => benchHub() },
  recovery: {
    about: 'a partition taken over with a million events after its snapshot',
    run: () => benchRecovery(),
  },
  soak: {
    about: 'kills parts of a running stack at random, and proves that nothing is lost or counted twice',
    flags: [
      new Option('--for <duration>', 'how long events are sent').argParser(duration).default(120_000, '120s'),
      new Option('--kills <n>', 'parts killed meanwhile').argParser(wholeNumber({ from: 0 })).default(30),
      new Option('--rate <n>', 'events per second').argParser(number({ from: 1 })).default(200),
      new Option('--seed <n>', 'same seed, same kills and events').argParser(wholeNumber({ from: 0 })).default(1),
      new Option('--scattered', "send every other store's events without a partition key"),
      new Option('--grow <n>', 'give the hub so many partitions when it is first killed').argParser(
        wholeNumber({ from: 4, to: 32 }),
      ),
      new Option('--keep', 'leave data and logs for a look'),
    ],
    run: benchSoak,
  },
}

const program = new Command('bench').description('Measures parts of the pipe.').showHelpAfterError()

for (const [name, { about, flags = [], run }] of Object.entries(benches)) {
  const command = program.command(name).description(about).option('--json', 'print one JSON object')
  for (const flag of flags) command.addOption(flag)
  command.action((options: BenchOptions & { json?: true }) =>
    runCommand({ json: options.json === true, print: (figures) => console.log(figures) }, async () => ({
      ok: true,
      ...((await run(options)) as object),
    })),
  )
}

void program.parseAsync()
