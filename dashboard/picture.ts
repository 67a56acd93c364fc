// Tested in test/dashboard/page.test.ts.
import { colour, textSize } from './dom'

/** What a picture of SVG takes from app.css, which does not come with it. */
const drawn = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-size',
  'font-family',
  'font-weight',
  'text-anchor',
]

/** A chart as PNG with its title above, in the colours of the page; throws when the browser cannot draw it. */
export async function pictureOf(chart: HTMLCanvasElement | SVGSVGElement, title: string): Promise<Blob> {
  const image = chart instanceof SVGSVGElement ? await imageOf(chart) : chart
  const { width, height } = chart.getBoundingClientRect()
  const scale = Math.max(2, window.devicePixelRatio)
  const size = textSize()
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil((width + 2 * size) * scale)
  canvas.height = Math.ceil((height + 3 * size) * scale)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('picture: expected a canvas to draw on, the browser gave none')
  context.scale(scale, scale)
  context.fillStyle = colour('--card')
  context.fillRect(0, 0, width + 2 * size, height + 3 * size)
  context.fillStyle = colour('--ink')
  context.font = `600 ${size}px system-ui, sans-serif`
  context.fillText(title, size, 1.5 * size, width)
  context.drawImage(image, size, 2 * size, width, height)
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('picture: expected a PNG, the browser made none'))))
  })
}

async function imageOf(chart: SVGSVGElement): Promise<HTMLImageElement> {
  const copy = chart.cloneNode(true) as SVGSVGElement
  const [from, to] = [chart, copy].map((root) => [...root.querySelectorAll<SVGElement>('*')])
  for (const [at, node] of (from ?? []).entries()) {
    const style = getComputedStyle(node)
    for (const name of drawn) to?.[at]?.setAttribute(name, style.getPropertyValue(name))
  }
  const image = new Image()
  // The policy lets images come from data: and not from blob:.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  await image.decode()
  return image
}

/** Hands a file to the browser's downloads. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
