// Tested in test/local/start.test.ts.
import { createWriteStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Host, startHost } from '../host/host'
import { appFolder, type LocalSettings } from './settings-file'
import { terminalLog } from './terminal-log'

/** The function app, running in this process. */
export interface RunningApp {
  /** The live page. */
  readonly pageUrl: string
  readonly healthUrl: string
  readonly logFile: string
  readonly close: () => Promise<void>
}

/**
 * Runs the compiled functions against the services the settings name. What they log goes to a file; warnings and
 * errors are also given to `say`, as a terminal shows them.
 */
export async function startApp(
  settings: LocalSettings,
  { dataDir, say }: { readonly dataDir: string; readonly say: (line: string) => void },
): Promise<RunningApp> {
  const logFile = join(dataDir, 'host.log')
  const show = terminalLog(say)
  const file = createWriteStream(logFile, { flags: 'a' })
  const host: Host = await startHost({
    entry: appFolder,
    settings: settings.values,
    hostJson: JSON.parse(readFileSync(join(appFolder, 'host.json'), 'utf8')),
    port: settings.httpPort,
    log: ({ level, category, message, functionName }) => {
      const line = `${new Date().toISOString()} ${level} ${functionName ?? category}: ${message}`
      file.write(`${line}\n`)
      show({ level, source: functionName ?? category, message })
    },
  })
  return {
    pageUrl: `http://localhost:${host.port}/`,
    healthUrl: `http://127.0.0.1:${host.port}/api/health`,
    logFile,
    close: async () => {
      await host.close()
      await new Promise<void>((resolve) => file.end(resolve))
    },
  }
}
