import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { readCsvEvents, readCsvMap } from '../../generator/csv/source'
import { expandFiles } from '../../generator/files'
import { decode } from '../../src/event/decode'

const folder = join(__dirname, '../../../shared/data/uci-online-retail')
const pattern = join(folder, '*.csv')
const rules = { currency: 'GBP', maxAheadMs: 300_000, maxBehindMs: Infinity, maxEventBytes: 262_144 }

interface Sums {
  rows: number
  pieces: number
  cents: number
}

/** Rows, pieces and cents per store and day, as DuckDB reads the files. */
async function sumsOfFiles(): Promise<ReadonlyMap<string, Sums>> {
  const duckdb = await DuckDBInstance.create()
  const connection = await duckdb.connect()
  const reader = await connection.runAndReadAll(`
    select trim(Country) || ' ' || InvoiceDate[:10] as place, count(*)::double as count,
      sum(Quantity::decimal(18, 0))::double as pieces,
      sum(round_even(Quantity::decimal(12, 0) * UnitPrice::decimal(12, 4) * 100, 0))::double as cents
    from read_csv('${pattern}', all_varchar = true) where InvoiceNo <> '' and UnitPrice::double >= 0 group by all`)
  connection.closeSync()
  duckdb.closeSync()
  return new Map(
    reader.getRowObjects().map((row) => {
      const number = (name: string): number => Number(row[name])
      return [String(row['place']), { rows: number('count'), pieces: number('pieces'), cents: number('cents') }]
    }),
  )
}

const there = existsSync(folder)
const when = there ? test : test.skip
when(
  `20 days of real sales keep every row, piece and cent${there ? '' : ' (skipped: no ../shared/data)'}`,
  async () => {
    const map = await readCsvMap('generator/maps/uci-online-retail.json')
    const sums = new Map<string, Sums>()
    const ids = new Set<string>()
    let events = 0
    for await (const { key, body, rows } of readCsvEvents({ files: await expandFiles([pattern]), map })) {
      const [item] = decode(body, { enqueuedMs: Date.parse('2026-01-01T00:00:00Z'), rules })
      if (item?.kind !== 'event' || item.event.type !== 'sale') throw new Error(`not a sale: ${JSON.stringify(item)}`)
      const place = `${key} ${new Date(item.event.eventTimeMs).toISOString().slice(0, 10)}`
      const sum = sums.get(place) ?? { rows: 0, pieces: 0, cents: 0 }
      sum.rows += rows
      for (const line of item.event.lines) {
        sum.pieces += line.quantity
        sum.cents += line.amountMinor
      }
      sums.set(place, sum)
      ids.add(item.event.eventId)
      events++
    }
    expect(ids.size).toBe(events)
    // One invoice was written over two minutes.
    expect(events).toBe(2025)
    expect(new Map([...sums].sort())).toEqual(new Map([...(await sumsOfFiles())].sort()))
  },
)
