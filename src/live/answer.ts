import { createHash } from 'node:crypto'
import { reasonOf } from '../reason'
import { type Session, type Warehouse } from '../warehouse/connection'
import { readVersion } from '../warehouse/export'
import { type Installation } from '../warehouse/installation'
import { type Answered, hasVersion, refuse, safety } from './headers'
import { readOps } from './ops'
import { type Ops, type Trade } from './schema'
import { readTrade } from './trade'

const views: Readonly<Record<string, (session: Session, settings: Installation) => Promise<Trade | Ops>>> = {
  trade: readTrade,
  ops: readOps,
}

/** Longest a statement of a view may take, milliseconds. */
const patienceMs = 5_000

/** Where figures are read, and by which days and money. */
export interface Source {
  readonly warehouse: Warehouse
  readonly settings: Installation
}

/** What is asked for. */
export interface ViewRequest {
  readonly view: string
  readonly ifNoneMatch?: string | null
}

/** Answers views, keeping the last of each. */
export interface Views {
  /**
   * 200 with the figures as JSON, 304 when the caller has them, 404 for a view there is not, 503 when PostgreSQL does not
   * answer, is too slow, or is of other days or money than the settings. Never throws.
   */
  answer(request: ViewRequest): Promise<Answered>
}

/** The figures of one state of the database. */
interface Kept {
  readonly etag: string
  readonly body: string
}

/**
 * Views over a source that is opened when it is first asked for. Figures are read again only once the database has come to
 * another position, and once for all who ask meanwhile.
 */
export function openViews(source: () => Source, say: (problem: string) => void): Views {
  const kept = new Map<string, Kept>()
  const underWay = new Map<string, Promise<Kept>>()
  const newest = (view: string): Promise<Kept> => {
    const reading = underWay.get(view) ?? read(source(), view, kept.get(view))
    underWay.set(view, reading)
    return reading.finally(() => underWay.delete(view))
  }
  return {
    answer: async ({ view, ifNoneMatch }) => {
      if (!Object.hasOwn(views, view)) return refuse(404, `live: expected a view of ${Object.keys(views).join(', ')}`)
      try {
        const found = await newest(view)
        kept.set(view, found)
        const headers = { ...safety, etag: found.etag, 'cache-control': 'no-store' }
        if (hasVersion(ifNoneMatch, found.etag)) return { status: 304, headers }
        return {
          status: 200,
          headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
          body: found.body,
        }
      } catch (error) {
        say(`view ${view}: not answered: ${reasonOf(error)}`)
        return refuse(503, toCaller(reasonOf(error)))
      }
    },
  }
}

/** What a caller is told of a failure: what is ours to say, and of the database's own words nothing. */
function toCaller(reason: string): string {
  if (reason.startsWith('report: ')) return reason
  return 'live: PostgreSQL gave no figures; the log of the function app says why, and `npm run doctor` what to do'
}

/** One transaction, which sees one state of the database: its version and its figures are of the same. */
function read({ warehouse, settings }: Source, view: string, kept: Kept | undefined): Promise<Kept> {
  return warehouse.transaction(async (session) => {
    await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    await session.query(`SET LOCAL statement_timeout = ${patienceMs}`)
    const etag = `"${digest(view, JSON.stringify(settings), await readVersion(session, { changedBy: 'both' }))}"`
    if (kept?.etag === etag) return kept
    const figures = await views[view]?.(session, settings)
    return { etag, body: JSON.stringify(figures) }
  })
}

const digest = (...parts: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
