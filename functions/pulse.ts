import { app } from '@azure/functions'
import { run } from '../src/app/running'
import { logTo } from '../src/app/log'
import { sendPulse } from '../src/azure/pulse'
import { hubConnection } from '../src/app/ports'

/** Each minute a heartbeat into every partition, so that time passes even where nobody sells. */
app.timer('pulse', {
  schedule: '0 * * * * *',
  handler: async (_timer, context) => {
    const { settings, ports } = await run(logTo(context))
    await sendPulse({ connection: await hubConnection(settings), hubName: settings.hub.name, nowMs: ports.clock() })
  },
})
