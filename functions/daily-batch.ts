// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { isDate } from '../src/day'
import { inInvocation } from '../src/app/invocation'
import { logTo } from '../src/app/log'
import { run } from '../src/app/running'
import { dailyPorts } from '../src/pipeline/daily/ports'
import { runDays, runOnTime } from '../src/pipeline/daily/run'

/**
 * Days that have ended, once their late events are in, and whatever earlier days have changed or were missed. It strikes
 * every hour and works in the one after a business day has ended: by UTC days at 00:20.
 */
app.timer('daily-batch', {
  schedule: '0 20 * * * *',
  retry: { strategy: 'fixedDelay', delayInterval: 60_000, maxRetryCount: 5 },
  handler: async (_timer, context) => {
    const { ports, settings } = await run(logTo(context))
    await inInvocation(context, () => runOnTime(dailyPorts(ports, settings.thresholds)))
  },
})

/** Any date, by hand: POST /api/daily-batch/2010-12-01. */
app.http('daily-batch-by-hand', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'daily-batch/{date}',
  handler: async ({ params: { date = '' } }, context) => {
    if (!isDate(date)) return { status: 400, jsonBody: { error: 'expected /api/daily-batch/YYYY-MM-DD', got: date } }
    const { ports, settings } = await run(logTo(context))
    return { jsonBody: (await inInvocation(context, () => runDays(dailyPorts(ports, settings.thresholds), [date])))[0] }
  },
})
