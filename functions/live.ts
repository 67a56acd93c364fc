import { app } from '@azure/functions'
import { installationOf } from '../src/app/installation'
import { openReads } from '../src/app/reads'
import { parseSettings } from '../src/config/settings'
import { refusalOf } from '../src/live/access'
import { openViews } from '../src/live/answer'

const reads = openReads()
const views = openViews(
  () => ({ warehouse: reads.warehouse(), settings: installationOf(parseSettings(process.env)) }),
  // Outside an invocation the worker's console is the app's log.
  { say: (problem) => console.warn(problem) },
)

/** The figures of the live page: GET /api/live/trade and GET /api/live/ops; src/live/schema.ts says what is in them. */
app.http('live', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'api/live/{view}',
  handler: ({ params, headers }) =>
    refusalOf({ header: (name) => headers.get(name), env: process.env }) ??
    views.answer({ view: params.view ?? '', ifNoneMatch: headers.get('if-none-match') }),
})

app.hook.appTerminate(() => reads.close())
