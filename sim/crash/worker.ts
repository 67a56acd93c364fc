// Tested by npm run test:crash.
import { caseOf, undisturbed } from './cases'
import { openDatabase, startServer } from './database'
import { judge, type Verdict } from './judge'
import { runPlan } from './run'
import { createWorkload } from './workload'

/** What the campaign tells a worker: first the seed, then cases to run. */
export type Order = { readonly kind: 'start'; readonly seed: string } | { readonly kind: 'case'; readonly id: string }

interface Prepared {
  readonly run: (id: string) => Promise<Verdict>
  readonly close: () => Promise<void>
}

/** Runs the cases it is told to, on a server of its own; ends when its parent lets go of it, or is no more. */
function work(): void {
  let prepared: Promise<Prepared> | undefined
  process.on('disconnect', () => void prepared?.then(({ close }) => close()).finally(() => process.exit()))
  process.on('message', (order: Order) => {
    if (order.kind === 'start') prepared = prepare(order.seed)
    else void prepared?.then(({ run }) => run(order.id)).then((verdict) => process.connected && process.send?.(verdict))
  })
}

async function prepare(seed: string): Promise<Prepared> {
  const server = await startServer()
  const world = { workload: createWorkload(seed), warehouse: openDatabase(await server.createDatabase('worker')) }
  const { rows } = await runPlan(world, undisturbed('alone'))
  return {
    run: (id) => judge(world, caseOf(id), { seed, expected: rows }),
    close: async () => {
      await world.warehouse.close()
      await server.close()
    },
  }
}

work()
