import { type LocalSettings } from '../../local/postgres/postgres'
import { caseOf, undisturbed } from './cases'
import { openDatabase } from './database'
import { judge } from './judge'
import { runPlan } from './run'
import { createWorkload } from './workload'

/** What the campaign tells a worker: first where it is, then cases to run. */
export type Order =
  | { readonly kind: 'start'; readonly seed: string; readonly settings: LocalSettings }
  | { readonly kind: 'case'; readonly id: string }

/** Runs the cases it is told to, each on its own; a process of its own, ended by its parent's going. */
function work(): void {
  let ready: Promise<(id: string) => Promise<unknown>> | undefined
  process.on('disconnect', () => process.exit(0))
  process.on('message', (order: Order) => {
    if (order.kind === 'start') ready = prepare(order)
    else void ready?.then((run) => run(order.id)).then((verdict) => process.send?.(verdict))
  })
}

async function prepare({ seed, settings }: Extract<Order, { kind: 'start' }>) {
  const world = { workload: createWorkload(seed), warehouse: openDatabase(settings) }
  const { rows } = await runPlan(world, undisturbed('alone'))
  return (id: string) => judge(world, caseOf(id), { seed, expected: rows })
}

work()
