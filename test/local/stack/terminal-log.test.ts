import { terminalLog } from '../../../local/stack/terminal-log'

const ids = ['8c0ebb9f-ac4a-4e53-b98b-9bd38dddc895', '441c40e0-6dda-4dca-9649-2935c4ecc7bc'] as const

function failed(id: string, reason: string): string {
  return `Executed 'Functions.ingest' (Failed, Id=${id}, Duration=2840ms): Error: ${reason}\n    at take (a.js:1:2)`
}

let nowMs = 0
let said: string[] = []
let take: (message: string, level?: string) => void
beforeEach(() => {
  nowMs = 0
  said = []
  const show = terminalLog((line) => said.push(line), { clock: () => nowMs })
  take = (message, level = 'error') => show({ level, source: 'ingest', message })
})

test('an error is its first line, once in ten minutes', () => {
  take(failed(ids[0], 'lake store: 503'))
  take('partition 0: retry 1 of 10 events in 1877 ms', 'warning')
  take(failed(ids[1], 'lake store: 503'))
  take('started', 'information')
  expect(said).toEqual(['ingest: lake store: 503'])
  nowMs = 600_000
  take(failed(ids[1], 'lake store: 503'))
  expect(said).toHaveLength(2)
})

test('another error is said beside it', () => {
  take(failed(ids[0], 'lake store: timeout'))
  take(failed(ids[0], 'postgres: refused'))
  expect(said).toEqual(['ingest: lake store: timeout', 'ingest: postgres: refused'])
})

test('rules that differ are said once, whoever refuses, with what differs', () => {
  const [was, is] = ['fold-1 idle=15000 stockout=3600000', 'fold-1 idle=15000 stockout=2700000']
  const run = 'run npm run rebuild -- --from DATE, or deploy the earlier version'
  take(failed(ids[0], `gold/stockout was folded by "${was}", this is "${is}"; ${run}`))
  nowMs = 6_000_000
  take(failed(ids[1], `postgres was folded by "${was}", this is "${is}"; ${run}`))
  take(failed(ids[1], `partition 3: its rows were folded by "${was}", these by "${is}"; rebuild them`))
  expect(said).toEqual([
    'ingest: waits: the rows are folded by STOCKOUT_AFTER_MINUTES=60, these are STOCKOUT_AFTER_MINUTES=45; ' +
      'run npm run rebuild, or set it back',
  ])
})
