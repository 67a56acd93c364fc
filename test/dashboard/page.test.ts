// The built page: what is sent of it, and what Chromium makes of it. No service but a server of canned answers.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type Trade } from '../../src/live/schema'
import { ops, trade, tradeOfNothing } from './answers'

const folder = join(__dirname, '..', '..', 'dist', 'dashboard')
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const types: Record<string, string> = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css' }

test('the page is three files of at most 200 kB, compressed', () => {
  const files = readdirSync(folder).sort()
  expect(files).toEqual(['app.css', 'app.js', 'index.html'])
  const sent = files.map((file) => gzipSync(readFileSync(join(folder, file))).length)
  expect(sent.reduce((a, b) => a + b)).toBeLessThanOrEqual(200_000)
})

test('nothing in it needs more than the policy allows', () => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
  const addresses = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)
  expect(addresses).toEqual(['data:,', '/assets/app.css', '/assets/app.js'])
  expect(readFileSync(join(folder, 'app.css'), 'utf8')).not.toMatch(/url\(|@import/)
  expect(readFileSync(join(folder, 'app.js'), 'utf8')).not.toMatch(
    /\beval\(|new Function\(|innerHTML|setAttribute\("style"/,
  )
})

interface Seen {
  /** The document as it stands after four seconds. */
  readonly html: string
  /** What the browser said on its console. */
  readonly said: string
  readonly requests: readonly string[]
}

/** Has Chromium load the page from a server that answers with these figures, pulses as old as given. */
async function look(hash: string, answer: Trade | undefined, pulseAgeMs = 2_000): Promise<Seen> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    requests.push(path)
    response.setHeader('content-security-policy', policy)
    const file = path === '/' ? 'index.html' : path.replace('/assets/', '')
    if (existsSync(join(folder, file))) {
      response.setHeader('content-type', types[file.split('.').at(-1) ?? ''] ?? '')
      response.end(readFileSync(join(folder, file)))
      return
    }
    const pulseAt = new Date(Date.now() - pulseAgeMs).toISOString()
    const found = path === '/api/live/ops' ? ops : answer
    response.statusCode = found ? 200 : 503
    response.end(JSON.stringify(found ? { ...found, asOf: pulseAt, pulseAt } : { error: 'no database' }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${hash}`
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr']
  try {
    const { stdout, stderr } = await promisify(execFile)(
      chromium,
      [...flags, '--virtual-time-budget=4000', '--dump-dom', address],
      // Viewers elsewhere see the shop's clock all the same.
      { env: { ...process.env, TZ: 'Asia/Tokyo' }, maxBuffer: 1e8 },
    )
    const said = stderr.split('\n').filter((line) => line.includes('CONSOLE'))
    return { html: stdout, said: said.join('\n'), requests }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** Text between the tags, in the order of the document. */
const textOf = (html: string) => html.replace(/<[^>]*>/g, '|').replace(/\|+/g, '|')

/** One card of the page. */
const cardOf = (html: string, id: string) =>
  new RegExp(`<section[^>]* id="${id}">[^]*?</section>`).exec(html)?.[0] ?? ''

const inChromium = existsSync(chromium) ? test : test.skip

inChromium('the trade view has the figures of the answer, and breaks nothing of the policy', async () => {
  const { html, said, requests } = await look('', trade)
  const text = textOf(html)
  expect(said).toBe('')
  expect(text).toContain('|Live|')
  expect(text).toContain('|Sunday, 29 November 2026, 14:03 (America/New_York)|')
  expect(text).toContain('|Net sales|€12,345.50|▲|up 23%|was €10,000.00|')
  expect(text).toContain('|14:02: 7 orders, a week before 6 orders|')
  expect(html.match(/<canvas/g)).toHaveLength(2)
  expect(cardOf(html, 'hours').match(/class="bar( so-far)?"/g)).toHaveLength(12)
  expect(html).not.toContain('class="fault">')
  expect(new Set(requests)).toEqual(new Set(['/', '/assets/app.css', '/assets/app.js', '/api/live/trade']))
})

inChromium('a name that is markup is text', async () => {
  const { html } = await look('', trade)
  expect(html).toContain('&lt;img src=x onerror=')
  expect(html).not.toContain('<img')
  expect(html).toContain('<title>Trade · tillstream</title>')
})

inChromium('the ops view has an address of its own', async () => {
  const { html, said, requests } = await look('#ops', trade)
  expect(said).toBe('')
  expect(textOf(html)).toContain('|retail-events|0|1,024|29 Nov 2026, 14:03:07|')
  expect(html).toMatch(/<a href="#ops" aria-current="page">/)
  expect(requests).not.toContain('/api/live/trade')
})

inChromium('a card that fails says so alone', async () => {
  const broken = { ...trade, today: { ...trade.today, payments: { byMethod: 7 } } } as unknown as Trade
  const { html } = await look('', broken)
  expect(cardOf(html, 'payments')).toContain('This card failed')
  expect(html.match(/This card failed/g)).toHaveLength(1)
  expect(textOf(cardOf(html, 'channels'))).toContain('|pos|€6,000.00|')
})

inChromium('no pulse is stuck, and no sale yet is said in each card', async () => {
  const { html } = await look('', tradeOfNothing, 600_000)
  const text = textOf(html)
  expect(text).toContain('|Stuck: no pulse for 10 min, the figures stand still|')
  expect(text).toContain('|Nothing sold yet on Sun 29 Nov|')
  expect(textOf(cardOf(html, 'channels'))).toContain('|Nothing sold yet|')
})

inChromium('a server that fails is told, in its words', async () => {
  const { html } = await look('', undefined)
  expect(textOf(html)).toContain('|No new figures: no database. Asking again; what you see stays as it is.|')
})
