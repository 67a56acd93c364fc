// Tested by npm run test:crash.
import { Command, InvalidArgumentError, Option } from 'commander'
import { duration, wholeNumber } from '../generator/option'
import { runCommand } from '../local/cli/run'
import { type Report, replayCase, runCampaign } from './crash/campaign'
import { faultNames } from './crash/cases'
import { isFault, type Verdict } from './crash/judge'

interface Options {
  readonly seed: string
  readonly steps?: readonly [number, number]
  readonly fault?: string
  readonly case?: string
  readonly runs: number
  readonly budget: number
  readonly workers: number
  readonly json?: true
}

function stepRange(text: string): readonly [number, number] {
  const [, from, to = from] = /^(\d+)(?:\.\.(\d+))?$/.exec(text) ?? []
  if (from === undefined) throw new InvalidArgumentError('expected such as 120 or 120..180')
  return [Number(from), Number(to)]
}

const program = new Command('test:crash')
  .description(
    'Runs the pipeline in a simulation once for every step and every fault, and holds the rows against those of an undisturbed run.',
  )
  .option('--seed <text>', 'of the workload and of everything drawn at random', '1')
  .option('--steps <a..b>', 'only faults at these steps', stepRange)
  .addOption(new Option('--fault <name>', 'only this kind').choices(faultNames))
  .option('--case <id>', 'one case alone, every step of it on stderr')
  .option('--runs <n>', 'runs of each kind that is drawn at random', wholeNumber({ from: 0 }), 150)
  .option('--budget <time>', 'begin no further run after so long', duration, duration('280s'))
  .option('--workers <n>', 'processes', wholeNumber({ from: 1 }), 2)
  .option('--json', 'print one JSON object')
  .action((options: Options) => {
    const json = options.json === true
    return options.case === undefined
      ? runCommand({ json, print: showReport }, () => campaign(options))
      : runCommand({ json, print: showVerdict }, () => alone(options.seed, options.case ?? ''))
  })

function campaign({ seed, steps, fault, runs, budget, workers }: Options): Promise<Report> {
  return runCampaign({
    seed,
    ...(steps && { steps }),
    ...(fault !== undefined && { fault }),
    perKind: runs,
    budgetMs: budget,
    workers,
    onVerdict: (verdict, left) => {
      if (isFault(verdict)) console.error(`FAILED seed ${seed} case ${verdict.id}: ${verdict.examples[0] ?? ''}`)
      if (left % 500 === 0) console.error(`${left} runs left`)
    },
  })
}

async function alone(seed: string, id: string): Promise<Verdict & { readonly ok: boolean }> {
  const verdict = await replayCase(seed, id, (line) => console.error(line))
  return { ok: !isFault(verdict), ...verdict }
}

function showReport(report: Report): void {
  const { steps, upkeepSteps, runs, lost, duplicated, wrong, stuck, left, seconds, runsByFault, failures } = report
  console.log(
    `${runs} runs of ${steps} steps, or ${upkeepSteps} more with upkeep, in ${seconds} s${left > 0 ? `; no time for ${left} more` : ''}`,
  )
  for (const [fault, count] of Object.entries(runsByFault)) console.log(`  ${fault.padEnd(12)} ${count}`)
  console.log(`rows lost ${lost}, duplicated ${duplicated}, wrong ${wrong}; runs stuck ${stuck}`)
  for (const { replay, examples } of failures) console.log([replay, ...examples].join('\n    '))
}

function showVerdict({ id, lost, duplicated, wrong, stuck, examples }: Verdict): void {
  console.log(
    [`${id}: lost ${lost}, duplicated ${duplicated}, wrong ${wrong}, stuck ${stuck}`, ...examples].join('\n  '),
  )
}

void program.parseAsync()
