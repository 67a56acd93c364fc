// Tested in test/tools/replay/replay.test.ts.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type MapJson } from '../../generator/csv/formats'
import { type CsvMap } from '../../generator/csv/map'
import { readCsvMap } from '../../generator/csv/source'
import { expandFiles } from '../../generator/files'
import { type LocalSettings, readLocalSettings } from '../../local/stack/settings-file'
import { decodeRules } from '../../src/app/ports'
import { parseSettings } from '../../src/config/settings'
import { ask } from './ask'
import { currencySettings, writeSettings } from './currency-settings'
import { type ReplayOptions } from './options'
import { propose } from './proposal'
import { checkMap, sampleOf } from './sample'
import { showProposal } from './show-proposal'

/** What to replay, and by which settings: a proposal may have brought some. */
export type Chosen = { readonly settings: LocalSettings; readonly files: readonly string[] } & (
  | { readonly kind: 'ndjson' }
  | {
      readonly kind: 'csv'
      readonly map: CsvMap
      /** The file the map is in, written first where it was proposed: `verify` goes back to it. */
      readonly mapFile: () => Promise<string>
    }
)

/** Rows of a proposal that are shown as events. */
const shownRows = 10

/**
 * The files and the map to replay, as the flags say, or as somebody agrees to. Throws before anything is started when the
 * map cannot be right, and when a proposed one finds nobody to agree.
 */
export async function choose(options: ReplayOptions, stopping: AbortSignal): Promise<Chosen> {
  const { csv, map: named, ndjson } = options
  const settings = readLocalSettings(options.settings, options.portBase)
  if (ndjson && !csv && named === undefined) {
    return { kind: 'ndjson', settings, files: (await expandFiles(ndjson)).map((file) => resolve(file)) }
  }
  if (!csv || ndjson) {
    throw new Error('replay: expected --csv FILES, with a --map FILE or without, or --ndjson FILES; see --help')
  }
  const files = (await expandFiles(csv)).map((file) => resolve(file))
  if (named === undefined) return chooseProposed(files, { options, settings, stopping })
  const map = await readCsvMap(named)
  const rules = decodeRules(parseSettings(settings.values))
  if (options.allowRejects !== true) await checkMap(files, map, { rules, nowMs: Date.now() })
  return { kind: 'csv', settings, files, map, mapFile: () => Promise.resolve(resolve(named)) }
}

async function chooseProposed(
  all: readonly string[],
  {
    options,
    settings,
    stopping,
  }: { readonly options: ReplayOptions; readonly settings: LocalSettings; readonly stopping: AbortSignal },
): Promise<Chosen> {
  const parsed = parseSettings(settings.values)
  const proposal = await propose(all, {
    zone: options.zone ?? parsed.business.calendar.zone,
    currency: parsed.currency,
    ...(options.timeFormat !== undefined && { timeFormat: options.timeFormat }),
  })
  const { files, map, json } = proposal
  const changes = currencySettings(json.currency, { settings, dataDir: options.data, options })
  const next = { ...settings, values: { ...settings.values, ...changes } }
  const rules = decodeRules(parseSettings(next.values))
  const nowMs = Date.now()
  const examples = await sampleOf(proposal.file, map, { rules, rows: shownRows, nowMs })
  console.error(showProposal(proposal, { examples, changes }))
  if (options.saveMap !== undefined) {
    await writeFile(options.saveMap, mapText(json))
    console.error(`the map is in ${options.saveMap}`)
  }
  if (options.allowRejects !== true) await checkMap(files, map, { rules, nowMs })
  if (options.dryRun !== true) {
    await agree(options, stopping)
    if (Object.keys(changes).length > 0) await writeSettings(changes)
  }
  return { kind: 'csv', settings: next, files, map, mapFile: () => keepMap(json, options.data) }
}

/** Throws unless somebody says yes. */
async function agree({ yes }: ReplayOptions, stopping: AbortSignal): Promise<void> {
  if (yes === true) return
  if (!process.stdin.isTTY) {
    throw new Error(
      'replay: nothing was sent, for there is nobody to ask: say --yes if this is right,\n' +
        '  --dry-run to see what it comes to, or --save-map FILE to correct the map and\n  give it with --map',
    )
  }
  if (await ask('\nSend it like this?', stopping)) return
  throw new Error(
    'replay: nothing was sent; --save-map FILE writes the map down, to correct it and\n  give it with --map',
  )
}

function mapText(json: MapJson): string {
  return `${JSON.stringify(json, null, 2)}\n`
}

/** Writes a proposed map among the data, under a name that follows from what it says. */
async function keepMap(json: MapJson, dataDir: string): Promise<string> {
  const text = mapText(json)
  const folder = resolve(dataDir, 'maps')
  const name = `${json.source}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}.json`
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
