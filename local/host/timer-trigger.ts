import { type TimerTrigger } from './binding'
import { type Clock } from './clock'
import { describeError, type LogLevel, type RetryContext } from './core'
import { type TriggerInput } from './invocation'
import { runWithRetries, type Outcome, type RetryPolicy } from './retry'
import { isSubMinute, missedRunMs, parseSchedule, type Schedule, type ScheduleStatus } from './schedule'
import { statusJson, type ScheduleMonitor } from './schedule-status'

/** Node cannot wait longer than 2^31 ms at once, and a machine that slept should notice within the hour. */
const longestWaitMs = 3_600_000

export interface TimerPorts {
  readonly functionName: string
  readonly retry: RetryPolicy | undefined
  readonly monitor: ScheduleMonitor
  readonly clock: Clock
  readonly random: () => number
  /** Runs the function once; it must not reject. */
  run(input: TriggerInput): Promise<Outcome<unknown>>
  readonly log: (level: LogLevel, message: string) => void
}

export interface TimerListener {
  /** Stops the schedule; a run under way goes on, and the promise resolves when it has ended. */
  stop(): Promise<void>
}

/**
 * Fires a function on its schedule, in UTC and never beside itself: occurrences that pass during a run are skipped.
 * A failed run does not stop the schedule. Unless the schedule is below a minute or asks otherwise, a run missed
 * while no host was up is made up for once at start, marked past due (azure-webjobs-sdk-extensions `TimerListener`).
 * Throws on a schedule that cannot be parsed.
 */
export function startTimerTrigger(trigger: TimerTrigger, ports: TimerPorts): TimerListener {
  const schedule = parseSchedule(trigger.schedule, `function "${ports.functionName}"`)
  const stopped = new AbortController()
  const loop = runSchedule(schedule, trigger, { ports, signal: stopped.signal }).catch((error: unknown) => {
    ports.log('critical', `timer stopped: ${describeError(error).message}`)
  })
  return {
    stop: () => {
      stopped.abort()
      return loop
    },
  }
}

/** What a function started by hand is given: due now, and without a past. */
export function handTimerInput(): TriggerInput {
  return timerInput(undefined, 'due')
}

interface Running {
  readonly ports: TimerPorts
  readonly signal: AbortSignal
}

async function runSchedule(schedule: Schedule, trigger: TimerTrigger, running: Running): Promise<void> {
  const { ports, signal } = running
  const { clock } = ports
  const monitored = trigger.monitor !== 'off' && !isSubMinute(schedule, clock.nowMs())
  let status = monitored ? await knownStatus(schedule, ports) : undefined
  const overdue = status && missedRunMs(schedule, status, clock.nowMs()) !== undefined
  if ((overdue || trigger.startup === 'run') && !signal.aborted) {
    status = await fire(schedule, { status, due: overdue ? 'past' : 'due', running })
  }
  while (!signal.aborted) {
    const nextMs = schedule.nextMs(clock.nowMs())
    await waitUntil(nextMs, clock, signal)
    if (!signal.aborted) status = await fire(schedule, { status, due: 'due', running })
  }
}

/** The status on record; the first time a timer is seen, one that says so, so that an outage from here on shows. */
async function knownStatus(schedule: Schedule, ports: TimerPorts): Promise<ScheduleStatus> {
  const recorded = await ports.monitor.read(ports.functionName)
  if (recorded) return recorded
  const nowMs = ports.clock.nowMs()
  const first = { lastMs: 0, nextMs: schedule.nextMs(nowMs), lastUpdatedMs: nowMs }
  await ports.monitor.write(ports.functionName, first)
  return first
}

async function waitUntil(atMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && clock.nowMs() < atMs) {
    await clock.wait(Math.min(atMs - clock.nowMs(), longestWaitMs), signal)
  }
}

interface Firing {
  readonly status: ScheduleStatus | undefined
  readonly due: 'due' | 'past'
  readonly running: Running
}

async function fire(schedule: Schedule, { status, due, running }: Firing): Promise<ScheduleStatus | undefined> {
  const { ports, signal } = running
  const { clock, random, log } = ports
  const firedAtMs = clock.nowMs()
  const attempt = (retryContext: RetryContext | undefined): Promise<Outcome<unknown>> =>
    ports.run({ ...timerInput(status, due), retryContext })
  const onRetry = ({ retryCount }: RetryContext, delayMs: number): void =>
    log('warning', `timer failed; retry ${retryCount} in ${delayMs} ms`)
  await runWithRetries(ports.retry, attempt, { clock, random, signal, onRetry })
  if (!status) return undefined
  const after = { lastMs: firedAtMs, nextMs: schedule.nextMs(clock.nowMs()), lastUpdatedMs: clock.nowMs() }
  await ports.monitor.write(ports.functionName, after).catch((error: unknown) => {
    log('error', `timer status not written: ${describeError(error).message}; the run may be repeated at the next start`)
  })
  return after
}

function timerInput(status: ScheduleStatus | undefined, due: 'due' | 'past'): TriggerInput {
  const timer = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: status ? statusJson(status) : null,
    IsPastDue: due === 'past',
  }
  return { data: { json: JSON.stringify(timer) } }
}
