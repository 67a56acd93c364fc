import { type Trade } from '../src/live/schema'

type Funnel = NonNullable<NonNullable<Trade['today']>['funnel']>

/** A step from looking to buying. */
export interface Step {
  readonly name: string
  readonly count: number
  /** Percent of the step before that did not come this far; null of the first, and where more came than had been before. */
  readonly dropPercent: number | null
}

/** The steps of a funnel with what each loses. */
export function stepsOf(funnel: Funnel): readonly Step[] {
  const counts: readonly (readonly [string, number])[] = [
    ['Views', funnel.views],
    ['Added to cart', funnel.addToCarts],
    ['Checkouts', funnel.checkouts],
    ['Online orders', funnel.orders],
  ]
  const known = counts.map(([name, count]) => ({ name, count }))
  return known.map(({ name, count }, at) => {
    const previous = known[at - 1]?.count ?? 0
    return { name, count, dropPercent: previous >= count && previous > 0 ? (1 - count / previous) * 100 : null }
  })
}
