// Tested in test/dashboard/page.test.ts.
import { scaleBand, scaleLinear } from 'd3-scale'
import { curveStep, line } from 'd3-shape'
import { svg, textSize } from './dom'

/** A place on the axis with what it has; null is nothing. */
export interface Column {
  readonly label: string
  readonly value: number | null
  readonly before: number | null
  /** Under way: drawn dotted. */
  readonly isSoFar: boolean
}

export interface ColumnLabels {
  /** A value on the axis. */
  readonly tick: (value: number) => string
  /** How high the axis is at least. */
  readonly least: number
  /** The chart in a sentence. */
  readonly summary: string
}

/** Puts columns into an element, with steps of the week before over them; what it returns draws them. */
export function openColumnsChart(body: HTMLElement): (columns: readonly Column[], labels: ColumnLabels) => void {
  return (columns, { tick, least, summary }) => {
    const text = textSize()
    const [width, height] = [Math.max(200, body.clientWidth), 13 * text]
    const area = { left: 3.6 * text, right: width - 0.3 * text, top: 0.7 * text, bottom: height - 1.7 * text }
    const values = columns.flatMap(({ value, before }) => [value ?? 0, before ?? 0])
    const x = scaleBand(
      columns.map((_, at) => at),
      [area.left, area.right],
    ).padding(0.25)
    const y = scaleLinear([Math.min(0, ...values), Math.max(least, ...values)], [area.bottom, area.top]).nice(4)
    const every = Math.ceil((4.2 * text) / Math.max(1, x.step()))
    const steps = line<Column>()
      .defined(({ before }) => before !== null)
      .x((_, at) => (x(at) ?? 0) + x.bandwidth() / 2)
      .y(({ before }) => y(before ?? 0))
      .curve(curveStep)
    const grid = y
      .ticks(4)
      .flatMap((value) => [
        svg('line', { class: 'grid', x1: area.left, x2: area.right, y1: y(value), y2: y(value) }),
        svg(
          'text',
          { class: 'tick', x: area.left - 0.4 * text, y: y(value) + 0.25 * text, 'text-anchor': 'end' },
          tick(value),
        ),
      ])
    const bars = columns.map(({ value, isSoFar }, at) =>
      svg('rect', {
        class: isSoFar ? 'bar so-far' : 'bar',
        x: x(at) ?? 0,
        y: Math.min(y(0), y(value ?? 0)),
        width: x.bandwidth(),
        height: Math.abs(y(value ?? 0) - y(0)),
      }),
    )
    const names = columns.flatMap(({ label }, at) => {
      const place = { x: (x(at) ?? 0) + x.bandwidth() / 2, y: height - 0.5 * text, 'text-anchor': 'middle' }
      return at % every === 0 ? [svg('text', { class: 'tick', ...place }, label)] : []
    })
    body.replaceChildren(
      svg(
        'svg',
        { role: 'img', 'aria-label': summary, width, height, viewBox: `0 0 ${width} ${height}` },
        ...grid,
        ...bars,
        svg('path', { class: 'before', d: steps(columns) ?? '' }),
        ...names,
      ),
    )
  }
}
