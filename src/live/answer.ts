import { createHash } from 'node:crypto'
import { reasonOf } from '../reason'
import { type Session, type Warehouse } from '../warehouse/connection'
import { readVersion } from '../warehouse/export'
import { type Installation } from '../warehouse/installation'
import { type Answered, hasVersion, refuse, safety } from './headers'
import { readOps } from './ops'
import { type Ops, type Trade } from './schema'
import { readTrade, type TradeMemory } from './trade'

type ReadView = (session: Session, settings: Installation, memory: TradeMemory) => Promise<Trade | Ops>

const views: Readonly<Record<string, ReadView>> = { trade: readTrade, ops: readOps }

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

/** What is left from one reading of a view to the next. */
interface Shelf {
  kept?: Kept
  /** Until then what is kept is given without asking, by the clock of the views. */
  restUntilMs: number
  underWay?: Promise<Kept>
  readonly memory: TradeMemory
}

/** What views tell of failures, and a clock of milliseconds that only goes on. */
export interface ViewsOptions {
  readonly say: (problem: string) => void
  readonly nowMs?: () => number
}

/**
 * Views over a source that is opened when it is first asked for. Figures are read again only once the database has come to
 * another position, once for all who ask meanwhile, and at most half of the time: after a reading as long as it took, what
 * is kept is given, so that lookers never keep the stream from its database.
 */
export function openViews(source: () => Source, { say, nowMs = () => performance.now() }: ViewsOptions): Views {
  const shelves = new Map(
    Object.keys(views).map((view): [string, Shelf] => [view, { restUntilMs: -Infinity, memory: {} }]),
  )
  const renew = async (view: string, shelf: Shelf): Promise<Kept> => {
    const beganMs = nowMs()
    shelf.kept = await read(source(), view, shelf)
    shelf.restUntilMs = 2 * nowMs() - beganMs
    return shelf.kept
  }
  const newest = async (view: string, shelf: Shelf): Promise<Kept> => {
    if (shelf.kept && nowMs() < shelf.restUntilMs) return shelf.kept
    shelf.underWay ??= renew(view, shelf).finally(() => delete shelf.underWay)
    return shelf.underWay
  }
  return {
    answer: async ({ view, ifNoneMatch }) => {
      const shelf = shelves.get(view)
      if (!shelf) return refuse(404, `live: expected a view of ${Object.keys(views).join(', ')}`)
      try {
        const found = await newest(view, shelf)
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
function read({ warehouse, settings }: Source, view: string, { kept, memory }: Shelf): Promise<Kept> {
  return warehouse.transaction(async (session) => {
    await session.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
    await session.query(`SET LOCAL statement_timeout = ${patienceMs}`)
    const etag = `"${digest(view, JSON.stringify(settings), await readVersion(session, { changedBy: 'both' }))}"`
    if (kept?.etag === etag) return kept
    const figures = await views[view]?.(session, settings, memory)
    return { etag, body: JSON.stringify(figures) }
  })
}

const digest = (...parts: readonly string[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
