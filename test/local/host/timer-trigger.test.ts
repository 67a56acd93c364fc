import { type TimerTrigger } from '../../../local/host/binding'
import { type TypedData } from '../../../local/host/core'
import { type Outcome } from '../../../local/host/retry'
import { type ScheduleStatus } from '../../../local/host/schedule'
import { startTimerTrigger, type TimerListener, type TimerPorts } from '../../../local/host/timer-trigger'
import { fakeClock, type FakeClock } from './fake-clock'

const startMs = Date.parse('2026-03-01T12:00:10Z')
const everyMinute: TimerTrigger = {
  kind: 'timer',
  bindingName: 'timer',
  schedule: '0 * * * * *',
  startup: 'wait',
  monitor: 'default',
}

interface Stage {
  readonly clock: FakeClock
  readonly runs: { readonly atMs: number; readonly timer: Readonly<Record<string, unknown>> }[]
  readonly statuses: Map<string, ScheduleStatus>
  readonly listener: TimerListener
}

interface Setting {
  readonly trigger?: Partial<TimerTrigger>
  readonly status?: ScheduleStatus
  readonly retry?: TimerPorts['retry']
  readonly body?: (clock: FakeClock) => Promise<Outcome<unknown>>
}

let stage: Stage | undefined

function stageTimer({ trigger = {}, status, retry, body }: Setting = {}): Stage {
  const clock = fakeClock(startMs)
  const statuses = new Map(status ? [['pulse', status]] : [])
  const runs: Stage['runs'] = []
  const listener = startTimerTrigger(
    { ...everyMinute, ...trigger },
    {
      functionName: 'pulse',
      retry,
      clock,
      random: () => 0.5,
      monitor: {
        read: (name) => Promise.resolve(statuses.get(name)),
        write: (name, written) => Promise.resolve(void statuses.set(name, written)),
      },
      run: ({ data }) => {
        runs.push({ atMs: clock.nowMs(), timer: timerOf(data) })
        return body ? body(clock) : Promise.resolve({ kind: 'succeeded', value: undefined })
      },
      log: () => undefined,
    },
  )
  stage = { clock, runs, statuses, listener }
  return stage
}

afterEach(async () => {
  const stopped = stage?.listener.stop()
  await stage?.clock.advance(600_000)
  await stopped
})

const timerOf = (data: TypedData): Readonly<Record<string, unknown>> =>
  JSON.parse(data.json ?? '{}') as Readonly<Record<string, unknown>>
const times = ({ runs }: Stage): readonly string[] => runs.map(({ atMs }) => new Date(atMs).toISOString().slice(11, 19))

test('it fires on every occurrence', async () => {
  const stage = stageTimer()
  await stage.clock.advance(150_000)
  expect(times(stage)).toEqual(['12:01:00', '12:02:00'])
  expect(stage.runs[0]?.timer).toMatchObject({ IsPastDue: false, Schedule: { AdjustForDST: true } })
  expect(stage.runs[1]?.timer['ScheduleStatus']).toEqual({
    Last: '2026-03-01T12:01:00.000+00:00',
    Next: '2026-03-01T12:02:00.000+00:00',
    LastUpdated: '2026-03-01T12:01:00.000+00:00',
  })
})

test('a run that outlasts its interval is not joined by another, and what it missed is skipped', async () => {
  let runningMost = 0
  let running = 0
  const stage = stageTimer({
    body: async (clock) => {
      runningMost = Math.max(runningMost, ++running)
      await clock.wait(150_000, new AbortController().signal)
      running--
      return { kind: 'succeeded', value: undefined }
    },
  })
  await stage.clock.advance(600_000)
  expect(runningMost).toBe(1)
  expect(times(stage)).toEqual(['12:01:00', '12:04:00', '12:07:00', '12:10:00'])
})

test('a failed run does not stop the schedule', async () => {
  const stage = stageTimer({ body: () => Promise.resolve({ kind: 'failed', error: new Error('till jammed') }) })
  await stage.clock.advance(120_000)
  expect(times(stage)).toEqual(['12:01:00', '12:02:00'])
})

test('a retry policy runs it again before the next occurrence', async () => {
  const stage = stageTimer({
    retry: { kind: 'fixedDelay', maxRetryCount: 2, delayMs: 5_000 },
    body: () => Promise.resolve({ kind: 'failed', error: new Error('till jammed') }),
  })
  await stage.clock.advance(65_000)
  expect(times(stage)).toEqual(['12:01:00', '12:01:05', '12:01:10'])
})

test('a run missed while no host was up is made up for once, marked past due', async () => {
  const lastMs = Date.parse('2026-03-01T11:30:00Z')
  const stage = stageTimer({ status: { lastMs, nextMs: lastMs + 60_000, lastUpdatedMs: lastMs } })
  await stage.clock.advance(55_000)
  expect(times(stage)).toEqual(['12:00:10', '12:01:00'])
  expect(stage.runs.map(({ timer }) => timer['IsPastDue'])).toEqual([true, false])
  expect(stage.statuses.get('pulse')?.lastMs).toBe(Date.parse('2026-03-01T12:01:00Z'))
})

test('the first time a timer is seen nothing was missed, but it is remembered', async () => {
  const stage = stageTimer()
  await stage.clock.advance(1_000)
  expect(stage.runs).toEqual([])
  expect(stage.statuses.get('pulse')).toEqual({
    lastMs: 0,
    nextMs: Date.parse('2026-03-01T12:01:00Z'),
    lastUpdatedMs: startMs,
  })
})

test.each([
  ['useMonitor is off', { monitor: 'off' as const }],
  ['the schedule is below a minute', { schedule: '*/20 * * * * *' }],
])('no past is kept when %s', async (_why, trigger) => {
  const stage = stageTimer({ trigger, status: { lastMs: 1, nextMs: 2, lastUpdatedMs: 1 } })
  await stage.clock.advance(5_000)
  expect(stage.runs).toEqual([])
  await stage.clock.advance(60_000)
  expect(stage.runs[0]?.timer['ScheduleStatus']).toBeNull()
})

test('runOnStartup fires at once', async () => {
  const stage = stageTimer({ trigger: { startup: 'run' } })
  await stage.clock.advance(0)
  expect(times(stage)).toEqual(['12:00:10'])
  expect(stage.runs[0]?.timer['IsPastDue']).toBe(false)
})

test('after stop nothing fires, and stop waits for the run under way', async () => {
  const events: string[] = []
  const stage = stageTimer({
    body: async (clock) => {
      await clock.wait(30_000, new AbortController().signal)
      events.push('run ended')
      return { kind: 'succeeded', value: undefined }
    },
  })
  await stage.clock.advance(60_000)
  const stopped = stage.listener.stop().then(() => events.push('stopped'))
  await stage.clock.advance(300_000)
  await stopped
  expect(events).toEqual(['run ended', 'stopped'])
  expect(stage.runs).toHaveLength(1)
})
