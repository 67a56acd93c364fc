import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pgbouncerVersion } from '../warehouse/pgbouncer'

/*
 * Azure's PostgreSQL has PgBouncer built in, in transaction mode: a client has a server connection for one transaction, so
 * neither settings nor locks of a session may be used, and none may be left behind.
 */

const version = pgbouncerVersion()
const root = join(__dirname, '..', '..')

if (version === undefined) {
  test.skip('warehouse through PgBouncer (no pgbouncer on this machine: apt-get install pgbouncer)', () => undefined)
} else {
  test(`the warehouse suite passes through PgBouncer ${version} in transaction mode`, () => {
    const { status, stderr } = spawnSync('npx', ['jest', '--runInBand', 'test/warehouse'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, TILLSTREAM_TEST_POOLER: 'pgbouncer' },
    })
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  })
}
