// Tested in test/app/lag.test.ts.
import { randomUUID } from 'node:crypto'
import { azureCredential, tokenCredential } from '../azure/credential'
import { openEventReader } from '../azure/event-reader'
import { type HubConnection } from '../azure/event-sender'
import { openLakeStore } from '../azure/lake-store'
import { type Settings } from '../config/settings'
import { minorDigits } from '../event/currency'
import { type DecodeRules } from '../event/decode'
import { parseProductKinds } from '../event/product-kinds'
import { rollups } from '../fold/rollups'
import { type Rules } from '../fold/rules'
import { type Store } from '../lake/store'
import { openTable } from '../lake/open-table'
import { type Table } from '../lake/table'
import { dailyTables } from '../pipeline/daily/tables'
import { type Ports } from '../pipeline/ports'
import { type RebuildPorts } from '../pipeline/rebuild/rebuild'
import { openDerived } from '../pipeline/rows/stamp'
import { bronzeEvents, bronzeGaps, derivedTables, scaled, type ScaledSpec } from '../pipeline/rows/tables'
import { firstNumber, type HubReader, numberedAsLake } from '../pipeline/stream/numbering'
import { installationOf } from './installation'
import { openServer } from './server'

export { openServer }

/** Where a log line goes; the Functions context, or a terminal. */
export type Log = Ports['log']

/** Ports over what the settings name, and the way to let go of them. */
export interface OpenPorts extends Ports {
  close(): Promise<void>
}

/** A reader of the hub, and the way to let go of it. */
export interface OpenHubReader extends HubReader {
  close(): Promise<void>
}

/** What the fold is told, by the settings. */
export function foldRules(settings: Settings): Rules {
  const { currency, latenessMs, idleAfterMs, stockoutAfterMs } = settings
  const kinds = parseProductKinds(settings.productKinds)
  // However the setting writes them, the same kinds are the same rules; words of the rules have no spaces in them.
  const productKinds = Array.from(kinds, ([product, kind]) => `${encodeURIComponent(product)}=${kind}`)
    .sort()
    .join()
  return { latenessMs, idleAfterMs, stockoutAfterMs, minorDigits: minorDigits(currency), productKinds, rollups }
}

/** What is let through the door, by the settings. */
export function decodeRules(settings: Settings): DecodeRules {
  const { currency, productKinds, maxAheadMs, maxBehindMs, maxEventBytes } = settings
  return { currency, productKinds: parseProductKinds(productKinds), maxAheadMs, maxBehindMs, maxEventBytes }
}

/** How the hub is reached: by connection string where one is set, else by identity. */
export async function hubConnection({ hub, identityClientId }: Settings): Promise<HubConnection> {
  if (hub.connectionString !== undefined) return { connectionString: hub.connectionString }
  const credential = await tokenCredential({ clientId: identityClientId })
  return { fullyQualifiedNamespace: hub.fullyQualifiedNamespace ?? '', credential }
}

/** The hub read beside its owner, its messages under the lake's numbers. Nothing is contacted before the first call. */
export function openHubReader({ hub, stream }: Settings, connection: HubConnection): OpenHubReader {
  const reader = openEventReader({ connection, hubName: hub.name })
  return { ...numberedAsLake(reader, stream.generation), close: () => reader.close() }
}

/** The lake's store, reached by identity or, on this machine, by the emulator's published key. */
export async function openStore({ lakeUrl, identityClientId }: Settings): Promise<Store> {
  const credential = await azureCredential({ url: lakeUrl, clientId: identityClientId })
  return openLakeStore({ url: lakeUrl, credential })
}

/** Opens a table, creating it when it is not there. */
function openLakeTable(store: Store, { name, root, schema }: ScaledSpec): Promise<Table> {
  return openTable({ store, root, schema, name })
}

async function openAll(
  specs: readonly ScaledSpec[],
  open: (spec: ScaledSpec) => Promise<Table>,
): Promise<ReadonlyMap<string, Table>> {
  return new Map(await Promise.all(specs.map(async (spec) => [spec.name, await open(spec)] as const)))
}

/** What a rebuild works with: it opens silver and gold itself, whatever rules and columns they have. */
export async function openRebuildPorts(
  settings: Settings,
  log: Log,
): Promise<RebuildPorts & { close(): Promise<void> }> {
  const store = await openStore(settings)
  const bronze = await openLakeTable(store, bronzeEvents)
  const warehouse = openServer(settings)
  return {
    stream: settings.stream.name,
    store,
    tables: { bronze },
    warehouse,
    rules: foldRules(settings),
    decodeRules: decodeRules(settings),
    maxBatchBytes: settings.maxBatchBytes,
    unique: randomUUID,
    log,
    close: () => warehouse.close(),
  }
}

/** Everything the stream and the batch work with. Throws when the lake cannot be reached or a table does not fit. */
export async function openPorts(settings: Settings, log: Log): Promise<OpenPorts> {
  const store = await openStore(settings)
  const rules = foldRules(settings)
  const [bronze, gaps, daily, derived] = await Promise.all([
    openLakeTable(store, bronzeEvents),
    openLakeTable(store, bronzeGaps),
    openAll(
      dailyTables.map(({ spec }) => scaled(spec, rules.minorDigits)),
      (spec) => openLakeTable(store, spec),
    ),
    openAll(derivedTables(rules), (spec) => openDerived(store, spec, { rules })),
  ])
  const warehouse = openServer(settings)
  const connection = await hubConnection(settings)
  return {
    stream: settings.stream.name,
    firstSequence: firstNumber(settings.stream.generation),
    store,
    tables: { bronze, gaps, derived, daily },
    warehouse,
    rules,
    decodeRules: decodeRules(settings),
    installation: installationOf(settings),
    maxBatchBytes: settings.maxBatchBytes,
    snapshotEveryEvents: settings.snapshotEveryEvents,
    checkpointEveryCommits: settings.checkpointEveryCommits,
    clock: Date.now,
    unique: randomUUID,
    readBack: async function* (partition, range) {
      const reader = openHubReader(settings, connection)
      try {
        yield* reader.read(partition, range)
      } finally {
        await reader.close()
      }
    },
    log,
    close: () => warehouse.close(),
  }
}
