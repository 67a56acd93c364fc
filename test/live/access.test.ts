import { refusalOf } from '../../src/live/access'

const statusOf = (headers: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  refusalOf({ header: (name) => headers[name] ?? null, env })?.status ?? 200

test.each([
  ['localhost', 200],
  ['localhost:7071', 200],
  ['LOCALHOST:7071', 200],
  ['127.0.0.1:7071', 200],
  ['[::1]:7071', 200],
  ['shop.example', 403],
  ['localhost.shop.example', 403],
  ['localhost:7071.shop.example', 403],
  ['127.0.0.1.nip.io:7071', 403],
  ['127.0.0.2', 403],
  ['0.0.0.0:7071', 403],
  ['192.168.1.20:7071', 403],
  ['', 403],
])('on this machine a request for Host %j is %i', (host, status) => {
  expect(statusOf({ host })).toBe(status)
})

/** As App Service sends it. */
const principal = (...roles: readonly string[]) =>
  Buffer.from(
    JSON.stringify({
      auth_typ: 'aad',
      claims: [{ typ: 'name', val: 'reader' }, ...roles.map((val) => ({ typ: 'roles', val }))],
      name_typ: 'name',
      role_typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
    }),
  ).toString('base64')

const azure = { WEBSITE_SITE_NAME: 'tillstream', WEBSITE_AUTH_ENABLED: 'True' }

test.each([
  ['nobody', '', 401],
  ['a reader', principal('reader'), 200],
  ['an operator, who may look too', principal('Operator'), 200],
  ['a user whose name is reader', principal(), 403],
  ['a user of other roles', principal('auditor'), 403],
  ['what is no principal', 'bm9uc2Vuc2U=', 401],
  ['a principal of nothing', Buffer.from('null').toString('base64'), 403],
])('in Azure %s is answered', (_, sent, status) => {
  expect(statusOf({ host: 'localhost', 'x-ms-client-principal': sent }, azure)).toBe(status)
})

test('in Azure without App Service authentication nobody is believed, for anybody could send the header', () => {
  const { WEBSITE_SITE_NAME } = azure
  const headers = { host: 'localhost', 'x-ms-client-principal': principal('reader') }
  expect(statusOf(headers, { WEBSITE_SITE_NAME })).toBe(401)
  expect(statusOf(headers, { WEBSITE_SITE_NAME, WEBSITE_AUTH_ENABLED: 'False' })).toBe(401)
})
