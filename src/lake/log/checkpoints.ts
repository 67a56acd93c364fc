// Which checkpoints a log holds, and which of them can be read.
// Tested in test/lake/log/read-snapshot.test.ts and test/lake/upkeep/clean-log.test.ts.

import { type LogFile, logFolder, parseLogName } from './log-name'

/** A checkpoint of a log. */
export type Checkpoint =
  /** One file, or as many as the name of each says; all of them are listed. */
  | { readonly kind: 'readable'; readonly version: number; readonly paths: readonly string[] }
  /** Some of its parts are missing: whoever writes it is not through, or never will be. */
  | { readonly kind: 'partial'; readonly version: number; readonly there: number; readonly parts: number }
  /** Of the table feature v2Checkpoint. */
  | { readonly kind: 'v2'; readonly version: number }

/** The checkpoints among files of a log, by version. */
export function checkpointsIn(root: string, paths: readonly string[]): readonly Checkpoint[] {
  const folder = logFolder(root)
  const named = paths.map((path) => ({ path, file: parseLogName(path.slice(folder.length + 1)) }))
  const groups = new Map<string, Group>()
  for (const { path, file } of named) {
    if (file.kind !== 'checkpoint') continue
    const key = `${file.version} ${file.form} ${file.form === 'multipart' ? file.parts : ''}`
    groups.set(key, { file, paths: [...(groups.get(key)?.paths ?? []), path] })
  }
  return [...groups.values()].map(checkpointOf).sort((a, b) => a.version - b.version)
}

/** The files of a checkpoint that are there, and one of their names. */
interface Group {
  readonly file: Extract<LogFile, { kind: 'checkpoint' }>
  readonly paths: readonly string[]
}

function checkpointOf({ file, paths }: Group): Checkpoint {
  const { version, form } = file
  if (form === 'v2') return { kind: 'v2', version }
  if (form === 'classic' || paths.length === file.parts) return { kind: 'readable', version, paths }
  return { kind: 'partial', version, there: paths.length, parts: file.parts }
}

/** The versions of checkpoints that can be read. */
export function readableVersions(checkpoints: readonly Checkpoint[]): readonly number[] {
  return checkpoints.flatMap(({ kind, version }) => (kind === 'readable' ? [version] : []))
}
