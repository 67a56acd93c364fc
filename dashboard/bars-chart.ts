// Tested in test/dashboard/page.test.ts.
import { scaleLinear } from 'd3-scale'
import { svg, textSize } from './dom'

/** A line of a list: its name and value in words, and how long it is. */
export interface Bar {
  readonly name: string
  readonly words: string
  readonly value: number
  /** What of the value is to stand out: failed payments. */
  readonly part?: number
}

/** Puts a list of bars into an element, name and value above each; what it returns draws them. */
export function openBarsChart(body: HTMLElement): (bars: readonly Bar[], summary: string) => void {
  return (bars, summary) => {
    const text = textSize()
    const width = Math.max(200, body.clientWidth)
    const step = 2.3 * text
    const height = bars.length * step
    const length = scaleLinear([0, Math.max(1, ...bars.map(({ value }) => value))], [0, width])
    const lines = bars.flatMap(({ name, words, value, part }, at) => {
      const top = at * step
      // Half a letter's width on average: longer names would run into the figure.
      const room = Math.max(6, Math.floor(width / (0.5 * text)) - words.length - 2)
      const shown = name.length > room ? `${name.slice(0, room - 1)}…` : name
      const bar = (kind: string, of: number) =>
        svg('rect', {
          class: kind,
          x: 0,
          y: top + 1.35 * text,
          height: 0.45 * text,
          width: Math.max(0, length(of)),
          rx: 2,
        })
      return [
        svg('text', { class: 'name', x: 0, y: top + text }, shown),
        svg('text', { class: 'name', x: width, y: top + text, 'text-anchor': 'end' }, words),
        svg('rect', { class: 'rail', x: 0, y: top + 1.35 * text, height: 0.45 * text, width, rx: 2 }),
        bar('bar', value),
        ...(part ? [bar('bar bad', part)] : []),
      ]
    })
    body.replaceChildren(
      svg('svg', { role: 'img', 'aria-label': summary, width, height, viewBox: `0 0 ${width} ${height}` }, ...lines),
    )
  }
}
