import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, type ClientConfig } from 'pg'

export interface AppRole {
  /** How the administrator reaches the server; without a database. */
  readonly server: Omit<ClientConfig, 'database'>
  readonly database: string
  /** Name of the app's identity, and of its role. */
  readonly role: string
  /** Object id of the identity: `principal_id`, not the client id. */
  readonly objectId: string
}

/**
 * Makes the PostgreSQL role of the app's identity and lets it read and write the app's tables, those of later
 * migrations included as long as the same administrator runs them. Doing it again changes nothing. Throws with the
 * server's error, naming the step.
 */
export async function createAppRole({ server, database, role, objectId }: AppRole): Promise<void> {
  const values = { app_role: role, app_object_id: objectId }
  // Roles belong to the server, and the functions that make them are in this database only.
  await runFile('create-app-role.sql', { ...server, database: 'postgres' }, values)
  await runFile('grant-app-role.sql', { ...server, database }, values)
}

async function runFile(file: string, config: ClientConfig, values: Readonly<Record<string, string>>): Promise<void> {
  const client = new Client({ ...config, application_name: 'tillstream create-app-role' })
  try {
    await client.connect()
    for (const [name, value] of Object.entries(values)) {
      await client.query('SELECT set_config($1, $2, false)', [`tillstream.${name}`, value])
    }
    await client.query(await readFile(join(__dirname, 'sql', file), 'utf8'))
  } catch (cause) {
    throw new Error(`${file} in ${config.database} as ${config.user}: ${(cause as Error).message}`, { cause })
  } finally {
    await client.end().catch(() => undefined)
  }
}
