/** A line or a set of points, from 0 to 1 on both axes. */
export interface Series {
  readonly label: string
  readonly color: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
  /** Powers of ten from 10^-n to 1 instead of 0 to 1. */
  readonly decades?: number
}

const [width, height, left, top, side] = [560, 420, 60, 40, 320] as const

/** A plot as an SVG document. Points that are no numbers are left out. */
export function svgOf({ title, x, y, series, decades }: Plot): string {
  const scaled = (value: number) =>
    decades === undefined ? value : 1 + Math.log10(Math.max(value, 10 ** -decades)) / decades
  const at = ([px, py]: readonly [number, number]) =>
    [left + scaled(px) * side, top + (1 - scaled(py)) * side].map((each) => each.toFixed(1))
  const ticks =
    decades === undefined ? [0, 0.25, 0.5, 0.75, 1] : Array.from({ length: decades + 1 }, (_, i) => 10 ** -i)
  const axes = ticks.flatMap((tick) => {
    const [tx = ''] = at([tick, 0])
    const [, ty = ''] = at([0, tick])
    return [
      `<line x1="${tx}" y1="${top}" x2="${tx}" y2="${top + side}" stroke="#ddd"/><text x="${tx}" y="${top + side + 16}" text-anchor="middle">${tick}</text>`,
      `<line x1="${left}" y1="${ty}" x2="${left + side}" y2="${ty}" stroke="#ddd"/><text x="${left - 6}" y="${ty}" text-anchor="end" dy="4">${tick}</text>`,
    ]
  })
  const drawn = series.flatMap(({ label, color, points }, i) => {
    const placed = points.filter(([px, py]) => Number.isFinite(px) && Number.isFinite(py)).map(at)
    const legend = `<text x="${left + side + 14}" y="${top + 12 + i * 18}" fill="${color}">${escaped(label)}</text>`
    const line = `<polyline fill="none" stroke="${color}" stroke-width="1.5" points="${placed.map((each) => each.join(',')).join(' ')}"/>`
    return [line, ...placed.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`), legend]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${left}" y="22" font-size="14">${escaped(title)}</text>`,
    ...axes,
    ...drawn,
    `<text x="${left + side / 2}" y="${top + side + 36}" text-anchor="middle">${escaped(x)}</text>`,
    `<text transform="rotate(-90 16 ${top + side / 2})" x="16" y="${top + side / 2}" text-anchor="middle">${escaped(y)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;')
}
