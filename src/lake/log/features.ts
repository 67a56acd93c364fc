// Table features: what a table asks of its readers and writers beyond what this code does, and the way out.
// Tested in test/lake/log/read-snapshot.test.ts.

import { type Metadata, type Protocol } from './action'

/** Features that `ALTER TABLE … DROP FEATURE` takes out of a table again. */
const droppable: ReadonlySet<string> = new Set([
  'checkConstraints',
  'checkpointProtection',
  'columnMapping',
  'deletionVectors',
  'inCommitTimestamp',
  'typeWidening',
  'typeWidening-preview',
  'v2Checkpoint',
  'vacuumProtocolCheck',
])

/** Features that stay for good. */
const lasting: ReadonlySet<string> = new Set(['timestampNtz'])

/** What writer version 2 covers, however a later version spells it. */
const written: ReadonlySet<string> = new Set(['appendOnly', 'invariants'])

/** Throws when reading the table takes more than reader version 1, naming what it takes and what to do. */
export function checkReadable(root: string, { minReaderVersion, readerFeatures }: Protocol): void {
  if (minReaderVersion <= 1) return
  // Version 2 stands for one feature that later versions list by name.
  const features = minReaderVersion === 2 ? ['columnMapping'] : readerFeatures
  throw new Error(
    `delta table ${root}: needs reader version ${minReaderVersion} (${features.join(', ')}), this one is version 1; ` +
      cureOf(features, 'read'),
  )
}

/** Throws when writing the table takes more than writer version 2, naming what it takes and what to do. */
export function checkWritable(
  root: string,
  { protocol, metadata }: { readonly protocol: Protocol; readonly metadata: Metadata },
): void {
  const { minWriterVersion, writerFeatures } = protocol
  if (minWriterVersion <= 2) return
  const asked = minWriterVersion >= 7 ? writerFeatures : featuresUsed(metadata)
  const features = asked.filter((feature) => !written.has(feature))
  const names = features.length > 0 ? ` (${features.join(', ')})` : ''
  throw new Error(
    `delta table ${root}: needs writer version ${minWriterVersion}${names}, this one is version 2; ` +
      cureOf(features, 'write'),
  )
}

/** Features that writer versions 3 to 6 may stand for, as far as a table makes use of them. */
function featuresUsed({ configuration, schemaString }: Metadata): readonly string[] {
  const uses: Readonly<Record<string, boolean>> = {
    checkConstraints: Object.keys(configuration).some((name) => name.startsWith('delta.constraints.')),
    changeDataFeed: configuration['delta.enableChangeDataFeed'] === 'true',
    columnMapping: (configuration['delta.columnMapping.mode'] ?? 'none') !== 'none',
    generatedColumns: schemaString.includes('"delta.generationExpression"'),
    identityColumns: schemaString.includes('"delta.identity.'),
  }
  return Object.keys(uses).filter((feature) => uses[feature])
}

/** What to do about features, as the end of a sentence. */
export function cureOf(features: readonly string[], verb: 'read' | 'write'): string {
  const elsewhere = `${verb} it with another engine`
  const stays = features.filter((feature) => lasting.has(feature))
  if (stays.length > 0) return `${stays.join(', ')} cannot be dropped: ${elsewhere}`
  const drops = features.filter((feature) => droppable.has(feature))
  if (drops.length === 0 || drops.length < features.length) return elsewhere
  return `run ${drops.map((feature) => `ALTER TABLE … DROP FEATURE ${feature}`).join('; ')}, or ${elsewhere}`
}
