import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions'
import { inInvocation } from '../src/app/invocation'
import { logTo } from '../src/app/log'
import { run } from '../src/app/running'
import { dailyPorts, dayBefore, isDate, runDay } from '../src/pipeline/daily'

/** Yesterday's sales, once the day's late events are in. */
app.timer('daily-batch', {
  schedule: '0 20 0 * * *',
  retry: { strategy: 'fixedDelay', delayInterval: 60_000, maxRetryCount: 5 },
  handler: async (_timer, context) => {
    const { ports } = await run(logTo(context))
    await inInvocation(context, () => runDay(dailyPorts(ports), dayBefore(ports.clock())))
  },
})

/** The same for any date, by hand: POST /api/daily-batch/2010-12-01. */
async function runByHand(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const date = request.params.date ?? ''
  if (!isDate(date)) return { status: 400, jsonBody: { error: 'expected /api/daily-batch/YYYY-MM-DD', got: date } }
  const { ports } = await run(logTo(context))
  return { jsonBody: await inInvocation(context, () => runDay(dailyPorts(ports), date)) }
}

app.http('daily-batch-by-hand', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'daily-batch/{date}',
  handler: runByHand,
})
