// Tested in test/dashboard/page.test.ts.
import uPlot from 'uplot'
import { colour, element, setText, textSize } from './dom'
import { timeText } from './format'

/** A number a minute, oldest first; the last minute is under way. */
export interface MinuteSeries {
  readonly fromMs: number
  readonly values: readonly number[]
  /** The same minutes a week before; null where there was nothing. */
  readonly before: readonly number[] | null
  readonly zone: string
}

export interface MinuteLabels {
  /** A value in words. */
  readonly value: (value: number) => string
  /** A value on the axis. */
  readonly tick: (value: number) => string
  /** What a step of the axis is at least: an order, a whole euro. */
  readonly step: number
}

const minuteS = 60

/** Puts a line of minutes into an element; what it returns draws a series. */
export function openMinutesChart(body: HTMLElement): (series: MinuteSeries, labels: MinuteLabels) => void {
  const readout = element('p', { class: 'readout' })
  const frame = element('div', { class: 'frame', role: 'img' })
  body.append(readout, frame)
  let plot: uPlot | undefined
  let theme = ''
  let shown: { readonly series: MinuteSeries; readonly labels: MinuteLabels } | undefined

  const read = () => {
    if (!shown) return
    const { series, labels } = shown
    // Without a pointer: the last whole minute.
    const at = plot?.cursor.idx ?? series.values.length - 2
    const value = series.values[at]
    if (value === undefined) return
    const before = series.before?.[at]
    const soFar = at === series.values.length - 1 ? ' so far' : ''
    const week = before === undefined ? '' : `, a week before ${labels.value(before)}`
    setText(
      readout,
      `${timeText(series.fromMs + at * minuteS * 1000, series.zone)}: ${labels.value(value)}${soFar}${week}`,
    )
  }

  return (series, labels) => {
    shown = { series, labels }
    const [width, height] = [Math.max(200, frame.clientWidth), Math.round(12 * textSize())]
    const wanted = `${colour('--ink')} ${textSize()}`
    if (theme !== wanted) plot?.destroy()
    if (!plot || theme !== wanted) {
      plot = open(frame, { width, height }, () => shown, read)
      theme = wanted
    }
    if (plot.width !== width || plot.height !== height) plot.setSize({ width, height })
    plot.setData(dataOf(series))
    frame.setAttribute('aria-label', summaryOf(series, labels))
    read()
  }
}

function summaryOf({ values, fromMs, zone }: MinuteSeries, labels: MinuteLabels): string {
  const whole = values.slice(0, -1)
  const highest = Math.max(...whole)
  const at = timeText(fromMs + whole.indexOf(highest) * minuteS * 1000, zone)
  return `Line of ${values.length} minutes; highest ${labels.value(highest)} at ${at}; the table below has every minute`
}

/** Whole minutes, the last one dotted from its neighbour, and the week before. */
function dataOf({ fromMs, values, before }: MinuteSeries): uPlot.AlignedData {
  const last = values.length - 1
  return [
    values.map((_, at) => fromMs / 1000 + at * minuteS),
    values.map((value, at) => (at < last ? value : null)),
    values.map((value, at) => (at >= last - 1 ? value : null)),
    values.map((_, at) => before?.[at] ?? null),
  ]
}

function open(
  frame: HTMLElement,
  size: { readonly width: number; readonly height: number },
  shown: () => { readonly series: MinuteSeries; readonly labels: MinuteLabels } | undefined,
  read: () => void,
): uPlot {
  const text = textSize()
  const axis = {
    stroke: colour('--soft'),
    font: `${0.75 * text}px system-ui, sans-serif`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  }
  const line = { points: { show: false }, width: 2 }
  return new uPlot(
    {
      ...size,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      // Instants as plain numbers: its own time axis is an hour off on days when the viewer's clocks change.
      scales: {
        x: { time: false },
        y: { range: (_plot, low, high) => [Math.min(0, low), Math.max(4 * (shown()?.labels.step ?? 1), high) * 1.05] },
      },
      axes: [
        {
          ...axis,
          size: 2 * text,
          space: 4.5 * text,
          incrs: [5, 10, 15, 30].map((minutes) => minutes * minuteS),
          values: (_plot, splits) => splits.map((seconds) => timeText(seconds * 1000, shown()?.series.zone ?? 'UTC')),
        },
        {
          ...axis,
          size: 3.6 * text,
          space: 2.5 * text,
          incrs: () =>
            Array.from(
              { length: 36 },
              (_, at) => (shown()?.labels.step ?? 1) * ([1, 2, 5][at % 3] ?? 1) * 10 ** Math.floor(at / 3),
            ),
          values: (_plot, splits) => splits.map((value) => shown()?.labels.tick(value) ?? ''),
        },
      ],
      series: [
        {},
        { ...line, stroke: colour('--accent'), fill: colour('--wash') },
        { ...line, stroke: colour('--accent'), dash: [2, 4] },
        { ...line, stroke: colour('--before'), width: 1.5, dash: [6, 3] },
      ],
      hooks: { setCursor: [read] },
    },
    [[], [], [], []],
    frame,
  )
}
