// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { recordConsumerLag } from '../src/app/lag'
import { logTo } from '../src/app/log'
import { run } from '../src/app/running'
import { recordScattered } from '../src/app/scattered'
import { sendPulse } from '../src/azure/pulse'
import { hubConnection } from '../src/app/ports'

/**
 * Each minute a heartbeat into every partition, so that time passes even where nobody sells; and, before that, how far
 * bronze is behind the hub, and how many stores are in several partitions.
 */
app.timer('pulse', {
  schedule: '0 * * * * *',
  handler: async (_timer, context) => {
    const { settings, ports } = await run(logTo(context))
    await recordConsumerLag({ settings, ports })
    await recordScattered({ ports })
    await sendPulse({ connection: await hubConnection(settings), hubName: settings.hub.name, nowMs: ports.clock() })
  },
})
