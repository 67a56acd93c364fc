import { parseArgs } from 'node:util'
import { DefaultAzureCredential } from '@azure/identity'
import { reasonOf } from '../src/reason'
import { createAppRole } from './app-role'
import { database } from './naming'

const usage = `usage: node dist/infra/create-app-role.js --host HOST --admin NAME --role NAME --object-id ID
  --host       output postgres_host of the stack
  --admin      output postgres_administrator; sign in as it or as one of its members (az login, or a workflow's OIDC)
  --role       output app_role
  --object-id  output app_object_id`

const tokenScope = 'https://ossrdbms-aad.database.windows.net/.default'

/** The step after `cdktf deploy` and before the migrations; see `createAppRole`. */
async function run(): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { host: text, admin: text, role: text, 'object-id': text } })
  const { host, admin, role, 'object-id': objectId } = values
  if (!host || !admin || !role || !objectId) throw new Error(usage)
  const { token } = await new DefaultAzureCredential().getToken(tokenScope)
  const server = { host, port: 5432, user: admin, password: token, ssl: { rejectUnauthorized: true } }
  await createAppRole({ server, database, role, objectId })
  console.log(`${role} may read and write the tables of ${database} on ${host}`)
}

run().catch((error: unknown) => {
  console.error(reasonOf(error))
  process.exitCode = 1
})
