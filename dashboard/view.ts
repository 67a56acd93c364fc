// Tested in test/dashboard/page.test.ts.
import { type Answer } from '../src/live/schema'
import { type CardPlan, openCard } from './card'
import { element, setText } from './dom'
import { type Tile } from './tile'
import { openTiles } from './tiles'

/** A view of the page, as data. */
export interface ViewPlan<A> {
  readonly title: string
  /** What the figures stand against, in a line above them. */
  readonly against: (answer: A) => string
  readonly tileNames: readonly string[]
  readonly tiles: (answer: A) => readonly Tile[]
  readonly cards: readonly CardPlan<A>[]
  /** The view in a sentence, for those who hear it. */
  readonly summary: (answer: A) => string
}

/** A view without figures yet: its tiles and cards, and what writes an answer into them. */
export function openView<A extends Answer>(
  plan: ViewPlan<A>,
): { readonly element: HTMLElement; readonly show: (answer: A) => void } {
  const against = element('p', { class: 'against' }, 'Waiting for figures')
  const fault = element('p', { class: 'fault', hidden: '' })
  const tiles = openTiles(plan.tileNames)
  const cards = plan.cards.map((card) => openCard(card))
  const main = element(
    'main',
    { 'aria-label': plan.title, class: 'waiting' },
    against,
    fault,
    tiles.element,
    element('div', { class: 'cards' }, ...cards.map((card) => card.element)),
  )
  return {
    element: main,
    show: (answer) => {
      // Until its first figures a view has no size to keep: it comes as a whole.
      main.classList.remove('waiting')
      try {
        setText(against, plan.against(answer))
        tiles.show(plan.tiles(answer))
        fault.hidden = true
      } catch (error) {
        fault.hidden = false
        setText(fault, `The tiles failed (${error instanceof Error ? error.message : String(error)}); the cards go on.`)
      }
      for (const card of cards) card.show(answer)
    },
  }
}
