// Tested in test/dashboard/page.test.ts.
import { type Answer, type Ops, type Trade } from '../src/live/schema'
import { type View, viewOf, views } from './address'
import { element, setText } from './dom'
import { dateText, instantText, spanText } from './format'
import { healthOf, minutesWithoutOrder } from './health'
import { opsView } from './ops'
import { ask, waitMs } from './poll'
import { tradeView } from './trade'
import { openView, type ViewPlan } from './view'

/** A view on the page, with the last answer it got. */
interface Screen {
  readonly element: HTMLElement
  readonly take: (answer: Answer) => void
  readonly redraw: () => void
  readonly last: () => Answer | undefined
  readonly summary: () => string
  etag: string | null
}

function openScreen<A extends Answer>(plan: ViewPlan<A>): Screen {
  const view = openView(plan)
  let last: A | undefined
  return {
    element: view.element,
    take: (answer) => {
      last = answer as A
      view.show(last)
    },
    redraw: () => {
      if (last) view.show(last)
    },
    last: () => last,
    summary: () => (last ? plan.summary(last) : ''),
    etag: null,
  }
}

const screens: Record<View, Screen> = { trade: openScreen<Trade>(tradeView), ops: openScreen<Ops>(opsView) }
const titles: Record<View, string> = { trade: tradeView.title, ops: opsView.title }

const state = element('p', { class: 'state', 'data-state': 'waiting' }, 'Waiting for the first figures')
const age = element('p', { class: 'age' }, '\u00A0')
const day = element('p', { class: 'day' }, '\u00A0')
const links = views.map((view) => element('a', { href: `#${view}` }, titles[view]))
const trouble = element('p', { class: 'trouble', role: 'alert' })
const spoken = element('p', { class: 'unseen', 'aria-live': 'polite' })
const place = element('div')

const summaryEveryMs = 30_000

let view = viewOf(location.hash)
let failures = 0
let nextAsk: ReturnType<typeof setTimeout> | undefined
let isAsking = false
/** How far the server's clock is ahead of this one, which may be wrong. */
let aheadMs = 0
let quietMinutes: number | null = null

const nowMs = () => Date.now() + aheadMs

/** Says how old the figures are and how the pipe is. */
function tick(): void {
  const answer = screens[view].last()
  if (!answer) return
  const { asOf, pulseAt, business } = answer
  const health = healthOf(
    { pulseMs: pulseAt === null ? null : Date.parse(pulseAt), minutesWithoutOrder: quietMinutes },
    nowMs(),
  )
  // One failure is a hiccup; the second is told.
  if (failures > 1) {
    state.dataset.state = 'stuck'
    setText(state, 'No connection: the figures are the last ones that came')
  } else {
    state.dataset.state = health.state
    setText(state, health.words)
  }
  const stamp = asOf === null ? null : Date.parse(asOf)
  setText(
    age,
    stamp === null
      ? 'Nothing delivered yet'
      : `As of ${instantText(stamp, business.zone)}, ${spanText(nowMs() - stamp)} ago`,
  )
  const date = business.date === null ? 'No business day yet' : dateText(business.date)
  const clock = business.local === null ? '' : `, ${business.local.slice(11, 16)}`
  setText(day, `${date}${clock} (${business.zone})`)
}

async function poll(): Promise<void> {
  if (isAsking || document.hidden) return
  isAsking = true
  clearTimeout(nextAsk)
  const asked = view
  const screen = screens[asked]
  const outcome = await ask<Answer>((address, options) => fetch(address, options), `/api/live/${asked}`, screen.etag)
  isAsking = false
  if (outcome.kind === 'failure') {
    failures++
    if (failures > 1) setText(trouble, `No new figures: ${outcome.words}. Asking again; what you see stays as it is.`)
  } else {
    failures = 0
    setText(trouble, '')
    if (outcome.serverMs !== null) aheadMs = outcome.serverMs - Date.now()
    if (outcome.kind === 'answer') {
      screen.etag = outcome.etag
      if (asked === 'trade') {
        const { minutes } = outcome.answer as Trade
        quietMinutes = minutes ? minutesWithoutOrder(minutes.orders) : null
      }
      screen.take(outcome.answer)
    }
  }
  tick()
  // Another view may have been chosen meanwhile: it does not wait.
  nextAsk = setTimeout(() => void poll(), asked === view ? waitMs(failures) : 0)
}

function choose(): void {
  view = viewOf(location.hash)
  for (const [at, link] of links.entries()) {
    if (views[at] === view) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
  document.title = `${titles[view]} · tillstream`
  place.replaceChildren(screens[view].element)
  screens[view].redraw()
  tick()
  void poll()
}

document.body.append(
  element(
    'header',
    { class: 'top' },
    element('h1', {}, 'tillstream'),
    element('nav', { 'aria-label': 'Views' }, ...links),
    state,
    element('div', { class: 'when' }, day, age),
  ),
  trouble,
  place,
  spoken,
)
addEventListener('hashchange', choose)
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void poll()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => screens[view].redraw())
setInterval(tick, 1000)
setInterval(() => {
  const summary = screens[view].summary()
  if (!document.hidden && summary !== '') setText(spoken, `${state.textContent}. ${summary}`)
}, summaryEveryMs)
choose()
