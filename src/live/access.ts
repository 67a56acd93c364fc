import { type Answered, refuse } from './headers'

/** What is asked about a caller. */
export interface Caller {
  /** The header of a request by its name in small letters. */
  readonly header: (name: string) => string | null
  /** Settings of the process. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Who may look: the app roles of the Entra application, in small letters. */
const readers: ReadonlySet<string> = new Set(['reader', 'operator'])

/**
 * Whether a caller may look; null: yes. On this machine anybody may who asks for it by a loopback name, so that no other
 * site's page gets in by a name of its own that resolves to 127.0.0.1. In Azure only who App Service authentication has
 * signed in (401 without) and the application has given a role (403 without).
 */
export function refusalOf({ header, env }: Caller): Answered | null {
  if (isInAzure(env)) return signedIn(header, env)
  const host = header('host') ?? ''
  if (isLoopback(host)) return null
  return refuse(403, `live: expected Host localhost, 127.0.0.1 or [::1], got ${JSON.stringify(host.slice(0, 100))}`)
}

/** App Service names the site to every app it runs; Core Tools and `npm start` do not. */
function isInAzure(env: Caller['env']): boolean {
  return (env.WEBSITE_SITE_NAME ?? '') !== ''
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host)
}

function signedIn(header: Caller['header'], env: Caller['env']): Answered | null {
  // Without App Service authentication nobody takes this header off a request, and anybody could send it.
  if (env.WEBSITE_AUTH_ENABLED?.toLowerCase() !== 'true') {
    return refuse(401, 'live: expected App Service authentication to be on, it is off; see docs/operations.md')
  }
  const roles = rolesOf(header('x-ms-client-principal') ?? '')
  if (!roles) return refuse(401, 'live: expected somebody signed in, got nobody; sign in at /.auth/login/aad')
  if (roles.some((role) => readers.has(role.toLowerCase()))) return null
  return refuse(403, 'live: expected a user with the role reader, got one without; assign it in the Entra application')
}

/** The roles App Service says a caller has; undefined where it says nobody is signed in. */
function rolesOf(principal: string): readonly string[] | undefined {
  if (principal === '') return undefined
  try {
    const said = JSON.parse(Buffer.from(principal, 'base64').toString('utf8')) as Partial<Principal> | null
    const types = new Set(['roles', said?.role_typ])
    return (said?.claims ?? []).flatMap(({ typ, val }) => (types.has(typ) && typeof val === 'string' ? [val] : []))
  } catch {
    return undefined
  }
}

/** https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities */
interface Principal {
  readonly role_typ: string
  readonly claims: readonly { readonly typ?: string; readonly val?: string }[]
}
