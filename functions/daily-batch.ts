// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { isDate } from '../src/day'
import { inInvocation } from '../src/app/invocation'
import { logTo } from '../src/app/log'
import { run } from '../src/app/running'
import { dailyPorts } from '../src/pipeline/daily/ports'
import { runDays, runDue } from '../src/pipeline/daily/run'

/** Yesterday, once its late events are in, and whatever earlier days have changed or were missed. */
app.timer('daily-batch', {
  schedule: '0 20 0 * * *',
  retry: { strategy: 'fixedDelay', delayInterval: 60_000, maxRetryCount: 5 },
  handler: async (_timer, context) => {
    const { ports, settings } = await run(logTo(context))
    await inInvocation(context, () => runDue(dailyPorts(ports, settings.thresholds)))
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
