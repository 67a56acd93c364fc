// Tested in test/live/trade.test.ts.
import { instant, readDateAt, readOffsets, zoneOf } from '../report/calendars'
import { clockText } from '../report/clock'
import { count, only } from '../report/row'
import { epochMs } from '../report/calendars'
import { type Standing, standingOf } from '../report/standing'
import { type Session } from '../warehouse/connection'
import { type Installation } from '../warehouse/installation'
import { type Answer } from './schema'

/** What every view begins with. */
export interface Opening {
  readonly standing: Standing
  readonly answer: Answer
  /** The time the figures have come to, epoch milliseconds; undefined before the first delivery. */
  readonly nowMs: number | undefined
}

/** Partitions whose positions an answer names. */
const namedPartitions = 32

/** Reads how far PostgreSQL is; throws when the settings are of other days or money than the figures. */
export async function openAnswer(session: Session, settings: Installation): Promise<Opening> {
  const standing = await standingOf(session, settings)
  const { installation, calendars, delivered } = standing
  // Before the first sale the stream's own time is that of its deliveries.
  const nowMs = Number.isFinite(standing.nowMs) ? standing.nowMs : delivered.atMs
  const zone = zoneOf(calendars.own)
  const newest = only(await session.query(`SELECT ${epochMs('max(updated_at)')} AS at FROM sink_position`)).at
  return {
    standing,
    nowMs,
    answer: {
      asOf: delivered.atMs === undefined ? null : instant(delivered.atMs),
      pulseAt: typeof newest === 'string' ? instant(count(newest)) : null,
      position: delivered.positions
        .slice(0, namedPartitions)
        .map(({ stream, partition, sequence }) => `${stream} ${partition}:${sequence}`)
        .join(' · '),
      currency: installation.currency,
      minorDigits: installation.minorDigits,
      business: {
        zone,
        // A minute's end is no longer in it: history that ends with a day has come to that day.
        date: nowMs === undefined ? null : await readDateAt(session, { store: '', ms: nowMs - 1 }),
        local: nowMs === undefined ? null : await localAt(session, { zone, ms: nowMs }),
      },
    },
  }
}

async function localAt(
  session: Session,
  { zone, ms }: { readonly zone: string; readonly ms: number },
): Promise<string | null> {
  const offsets = (await readOffsets(session, { zones: [zone], fromMs: ms, toMs: ms + 1000 })).get(zone) ?? []
  return offsets.length === 0 ? null : clockText(offsets, ms)
}
