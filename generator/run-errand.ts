// Tested in test/generator/week.test.ts.
import { type Calendar } from './calendar'
import { type Errand } from './errand'
import { drawOutage, nextOutageMs, type Outages } from './outage'
import { type Scene } from './scene'
import { deliver, find, goMissing } from './stockroom'
import { takeBack } from './till'
import { type Store } from './world'

export interface ErrandOptions {
  readonly calendar: Calendar
  readonly outages: Outages
  /** How often a product of one store goes missing, and a store is out. */
  readonly goneEveryMs: number
  readonly outagesPerWeek: number
}

const hourMs = 3_600_000

/** Does what was planned for `atMs`, and plans what follows from it. */
export function runErrand(scene: Scene, { atMs, errand }: Planned, options: ErrandOptions): void {
  const { store } = errand
  switch (errand.kind) {
    case 'delivery':
      return deliver(scene, store, { product: errand.product, atMs })
    case 'found':
      return find(scene, store, { product: errand.product, atMs })
    case 'gone':
      return goMissing(scene, store, { atMs, everyMs: options.goneEveryMs })
    case 'return':
      if (canVisit(store, atMs, options)) return takeBack(scene, errand, atMs)
      return scene.plan(atMs + hourMs, errand)
    case 'outage':
      return beginOutage(scene, { store, atMs }, options)
    case 'restored':
      return endOutage(scene, { store, atMs }, options)
    default: {
      const never: never = errand
      return never
    }
  }
}

export interface Planned {
  readonly atMs: number
  readonly errand: Errand
}

interface Moment {
  readonly store: Store
  readonly atMs: number
}

function canVisit(store: Store, atMs: number, { calendar, outages }: ErrandOptions): boolean {
  return calendar.isOpen(store, atMs) && outages.of(store)?.kind !== 'dark'
}

function beginOutage({ random, truth, plan }: Scene, { store, atMs }: Moment, { outages }: ErrandOptions): void {
  const drawn = drawOutage(random, atMs)
  const trouble = truth.begin({ kind: 'outage', storeId: store.storeId, fromMs: atMs })
  outages.begin(store, { ...drawn, trouble })
  plan(drawn.untilMs, { kind: 'restored', store })
}

function endOutage(
  { random, truth, plan }: Scene,
  { store, atMs }: Moment,
  { outages, outagesPerWeek }: ErrandOptions,
): void {
  const outage = outages.end(store)
  if (outage !== undefined) truth.end(outage.trouble, atMs)
  plan(atMs + nextOutageMs(random, outagesPerWeek), { kind: 'outage', store })
}
