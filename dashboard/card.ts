// Tested in test/dashboard/page.test.ts.
import { type Answer } from '../src/live/schema'
import { element, setText } from './dom'
import { download, pictureOf } from './picture'
import { fileName, type Table, tableCsv } from './table'

/** A part of a view: a chart or a list, with the figures behind it. */
export interface CardPlan<A> {
  /** In addresses and file names. */
  readonly id: string
  readonly title: string
  /** What it shows, in a line below the title. */
  readonly note: (answer: A) => string
  /** Takes two columns where there is room. */
  readonly isWide?: boolean
  /** Puts a chart into the body; what it returns draws an answer, and is called again when the size or the colours change. */
  readonly chart?: (body: HTMLElement) => (answer: A) => void
  /** The figures; null while there are none, which `none` then says. Without a chart the table is the card. */
  readonly table: (answer: A) => Table | null
  readonly none: string
}

/** While a window is dragged to another size, charts follow twice a second. */
const redrawMs = 500

export interface Card<A> {
  readonly element: HTMLElement
  /** Draws an answer. What goes wrong is said in the card, and is no matter of the others. */
  readonly show: (answer: A) => void
}

/** A card without figures yet. */
export function openCard<A extends Answer>(plan: CardPlan<A>): Card<A> {
  const title = element('h2', { id: `${plan.id}-title` }, plan.title)
  const note = element('p', { class: 'note' })
  const fault = element('p', { class: 'fault', hidden: '' })
  const none = element('p', { class: 'none' }, 'Waiting for figures')
  const body = element('div', { class: 'chart' })
  const csv = element('button', { type: 'button', 'aria-label': `${plan.title}: download as CSV` }, 'CSV')
  const png = element('button', { type: 'button', 'aria-label': `${plan.title}: download as PNG` }, 'PNG')
  const head = element('thead')
  const rows = element('tbody')
  const scroller = element(
    'div',
    { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': `${plan.title}: table` },
    element('table', {}, head, rows),
  )
  const behind = plan.chart
    ? element(
        'details',
        {},
        element('summary', {}, 'Table', element('span', { class: 'unseen' }, `: ${plan.title}`)),
        scroller,
      )
    : scroller
  const card = element(
    'section',
    { class: plan.isWide ? 'card wide' : 'card', 'aria-labelledby': title.id, id: plan.id },
    element('header', {}, title, element('div', { class: 'files' }, csv, ...(plan.chart ? [png] : []))),
    note,
    fault,
    none,
    ...(plan.chart ? [body] : []),
    behind,
  )
  const draw = plan.chart?.(body)
  let last: A | undefined

  const fail = (error: unknown) => {
    fault.hidden = false
    setText(fault, `This card failed (${error instanceof Error ? error.message : String(error)}); the others go on.`)
  }

  const show = (answer: A) => {
    last = answer
    try {
      const table = plan.table(answer)
      none.hidden = table !== null
      body.hidden = behind.hidden = csv.disabled = png.disabled = false
      if (table === null) {
        setText(none, plan.none)
        body.hidden = behind.hidden = csv.disabled = png.disabled = true
      }
      setText(note, plan.note(answer))
      if (table) {
        fill(head, rows, table)
        draw?.(answer)
      }
      fault.hidden = true
    } catch (error) {
      fail(error)
    }
  }

  csv.addEventListener('click', () => {
    const table = last && plan.table(last)
    if (!last || !table) return
    const content = new Blob([tableCsv(table)], { type: 'text/csv;charset=utf-8' })
    download(fileName(plan.id, last.business.local, 'csv'), content)
  })
  png.addEventListener('click', () => {
    const chart = body.querySelector<HTMLCanvasElement | SVGSVGElement>('canvas, svg')
    if (!last || !chart) return
    const name = fileName(plan.id, last.business.local, 'png')
    pictureOf(chart, `${plan.title}, ${last.business.local ?? ''}`).then((picture) => download(name, picture), fail)
  })
  if (draw) {
    let width = 0
    let soon: ReturnType<typeof setTimeout> | undefined
    const redraw = () => {
      soon = undefined
      // Only its width is the page's affair: the height is the chart's own.
      if (!last || body.clientWidth === width) return
      width = body.clientWidth
      show(last)
    }
    new ResizeObserver(() => (soon ??= setTimeout(redraw, redrawMs))).observe(body)
  }
  return { element: card, show }
}

/** Writes rows into cells that stay, so that a reader's place in the table stays too. */
function fill(head: HTMLTableSectionElement, body: HTMLTableSectionElement, { header, rows }: Table): void {
  const isNumber = header.map((_, column) => rows.every((row) => typeof row[column]?.value !== 'string'))
  fit(head, 1, () => element('tr'))
  const first = head.rows[0]
  if (first) {
    fit(first, header.length, () => element('th', { scope: 'col' }))
    for (const [column, name] of header.entries()) {
      const cell = first.cells[column]
      if (!cell) continue
      setText(cell, name)
      cell.className = isNumber[column] ? 'number' : ''
    }
  }
  fit(body, rows.length, () => element('tr'))
  for (const [at, row] of rows.entries()) {
    const line = body.rows[at]
    if (!line) continue
    fit(line, row.length, (column) => (column === 0 ? element('th', { scope: 'row' }) : element('td')))
    for (const [column, { shown }] of row.entries()) {
      const cell = line.cells[column]
      if (!cell) continue
      setText(cell, shown)
      cell.className = isNumber[column] ? 'number' : ''
    }
  }
}

/** Brings an element to so many children. */
function fit(parent: Element, count: number, make: (at: number) => Element): void {
  while (parent.children.length > count) parent.lastElementChild?.remove()
  while (parent.children.length < count) parent.append(make(parent.children.length))
}
