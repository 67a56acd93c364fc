// Tested in test/functions/live.test.ts.
import { app, type HttpRequest } from '@azure/functions'
import { refusalOf } from '../src/live/access'
import { answerAsset, pageFolder } from '../src/live/asset'

const folder = pageFolder(__dirname)

function answer(file: string, { headers }: HttpRequest) {
  return (
    refusalOf({ header: (name) => headers.get(name), env: process.env }) ??
    answerAsset(folder, { file, ifNoneMatch: headers.get('if-none-match') })
  )
}

/** The live page itself: GET /. */
app.http('page', {
  methods: ['GET'],
  authLevel: 'anonymous',
  // An empty route would be the function's name (Azure/Azure-Functions#2473); one that may be missing, of no letters, is the root.
  route: '{ignored:maxlength(0)?}',
  handler: (request) => answer('index.html', request),
})

/** What the page is made of: GET /assets/page.js. */
app.http('asset', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'assets/{file}',
  handler: (request) => answer(request.params.file ?? '', request),
})
