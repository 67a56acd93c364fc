// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { logTo } from '../src/app/log'
import { run } from '../src/app/running'
import { upkeep } from '../src/pipeline/upkeep'

/** Each hour: small files compacted, checkpoints written, unreferenced files and old log entries removed. */
app.timer('upkeep', {
  schedule: '0 40 * * * *',
  handler: async (_timer, context) => {
    const { settings, ports } = await run(logTo(context))
    await upkeep(ports, { nowMs: ports.clock(), settings })
  },
})
