// Tested in test/dashboard/page.test.ts.
import { element, setText } from './dom'
import { type Tile } from './tile'

const arrows = { up: '▲', down: '▼', same: '=', new: '✱', unknown: '' } as const

/** Tiles whose places never change; `show` writes figures into them. */
export function openTiles(names: readonly string[]): {
  readonly element: HTMLElement
  readonly show: (tiles: readonly Tile[]) => void
} {
  const places = names.map((name) => {
    const value = element('dd', { class: 'value' }, '–')
    const arrow = element('span', { 'aria-hidden': 'true' })
    const change = element('span')
    const note = element('dd', { class: 'note' })
    const tile = element(
      'div',
      { class: 'tile' },
      element('dt', {}, name),
      value,
      element('dd', { class: 'change' }, arrow, change),
      note,
    )
    return { name, tile, value, arrow, change, note }
  })
  return {
    element: element('dl', { class: `tiles of-${names.length}` }, ...places.map(({ tile }) => tile)),
    show: (tiles) => {
      for (const { name, value, arrow, change, note } of places) {
        const tile = tiles.find((each) => each.name === name)
        if (!tile) continue
        setText(value, tile.value)
        setText(arrow, arrows[tile.change?.direction ?? 'unknown'])
        setText(change, tile.change?.words ?? '')
        setText(note, tile.note)
      }
    },
  }
}
