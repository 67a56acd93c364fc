import { app } from '@azure/functions'
import { answerExport } from '../src/app/export'
import { openReads } from '../src/app/reads'

const reads = openReads()

/** Tables and views as CSV, for spreadsheets: GET /api/export/sales_1m.csv?from=2026-03-01&to=2026-03-02. */
app.http('export', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'api/export/{file?}',
  handler: ({ params, query, headers }) =>
    answerExport(
      { file: params.file ?? '', query, ifNoneMatch: headers.get('if-none-match') },
      { warehouse: reads.warehouse(), nowMs: Date.now() },
    ),
})

app.hook.appTerminate(() => reads.close())
