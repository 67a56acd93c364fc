// Tested in test/tools/replay/replay.test.ts.
import { type CommonOptions } from '../../local/cli/options'

/** Flags of `npm run replay`. */
export interface ReplayOptions extends CommonOptions {
  readonly csv?: readonly string[]
  readonly map?: string
  readonly ndjson?: readonly string[]
  readonly yes?: true
  readonly saveMap?: string
  readonly zone?: string
  readonly timeFormat?: string
  readonly dryRun?: true
  readonly settle: boolean
  readonly allowRejects?: true
  readonly backfill?: true
}
