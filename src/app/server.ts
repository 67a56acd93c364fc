// Tested in test/tools/doctor.test.ts.
import { tokenCredential } from '../azure/credential'
import { type Settings } from '../config/settings'
import { openWarehouse, type Warehouse } from '../warehouse/connection'

/** PostgreSQL by password where one is set, else by a token of the identity, asked for anew at each connection. */
export function openServer({ postgres, identityClientId }: Settings): Warehouse {
  const { host, port, database, user, password, tls } = postgres
  const token = async () => {
    const credential = await tokenCredential({ clientId: identityClientId })
    const found = await credential.getToken('https://ossrdbms-aad.database.windows.net/.default')
    if (!found) throw new Error('postgres: expected a token of the identity, got none; is an identity assigned?')
    return found.token
  }
  return openWarehouse({ host, port, database, user, password: password ?? token, ssl: tls })
}
