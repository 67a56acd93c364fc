// Tested in test/local/start.test.ts.
import { app } from '@azure/functions'
import { checkHealth } from '../src/app/health'
import { logTo } from '../src/app/log'

/** Whether the lake, PostgreSQL and the hub answer: 200 when all do, else 503, each with how long it took or why not. */
app.http('health', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'api/health',
  handler: async (_request, context) => {
    const health = await checkHealth(logTo(context))
    return { status: health.ok ? 200 : 503, jsonBody: health }
  },
})
