import { type ReplayReport, show } from '../../../tools/replay/show'

const report: ReplayReport = {
  ok: false,
  files: 1,
  rows: 12_004,
  events: 3000,
  sendSeconds: 1,
  throughSeconds: 2,
  eventsPerSecond: 1500,
  accepted: 2999,
  rejected: 1,
  reasons: { schema: { events: 1, rows: 4, first: { detail: 'unitPrice: expected ≥ 0, got -11', body: '{"a":1}' } } },
}

test('a replay with rejects says how many, why, which first, and what to do', () => {
  expect(show(report).split('\n')).toEqual([
    'sent 3,000 events of 12,004 rows in 1 file, through to PostgreSQL in 2.0 s (1,500/s)',
    'accepted 2,999, rejected 1',
    '  schema 1 (4 rows): unitPrice: expected ≥ 0, got -11',
    '    first: {"a":1}',
    expect.stringContaining('--allow-rejects'),
  ])
})

test('rejects that are allowed are told and ask for nothing', () => {
  expect(show({ ...report, ok: true })).not.toContain('--allow-rejects')
  expect(show({ ...report, ok: true })).toContain('rejected 1')
})

test('a replay that was stopped does not say what became of its events', () => {
  const { accepted: _, rejected: __, reasons: ___, ...stopped } = report
  expect(show(stopped)).toContain('stopped before')
})
