// Tested in test/functions/export.test.ts.
import { parseSettings } from '../config/settings'
import { type Warehouse } from '../warehouse/connection'
import { openServer } from './ports'

/** PostgreSQL for readers, apart from the stream's connections: whoever takes out a month does not hold up a batch. */
export interface Reads {
  /** Opened from the environment when first asked for. Throws when a setting is at fault. */
  warehouse(): Warehouse
  close(): Promise<void>
}

/** Reads of one worker process; nothing is contacted yet. */
export function openReads(): Reads {
  let open: Warehouse | undefined
  return {
    warehouse: () => (open ??= openServer(parseSettings(process.env))),
    close: async () => {
      const closing = open
      open = undefined
      await closing?.close()
    },
  }
}
