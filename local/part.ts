// Tested in test/sim/soak/soak.test.ts.
import { Argument } from 'commander'
import { command, type CommonOptions } from './cli/options'
import { runCommand, stopSignal } from './cli/run'
import { type PartName, partNames, parts } from './stack/parts'
import { readLocalSettings } from './stack/settings-file'

/** What a process that forked this one is told. */
export interface PartReady {
  readonly kind: 'ready'
  readonly address: string
}

const program = command('part', 'Runs one part of the stack in a process of its own, until it is told to stop.')
  .addArgument(new Argument('<part>', 'which one').choices(partNames))
  .parse()
const { data, settings, portBase, json } = program.opts<CommonOptions>()
const [name] = program.processedArgs as [PartName]

const stopping = stopSignal()
/** Aborted when the parent process is gone: an orphan would keep its port. */
const abandoned = new AbortController()
process.once('disconnect', () => abandoned.abort())

async function serve(): Promise<{ ok: boolean }> {
  const part = await parts[name](readLocalSettings(settings, portBase), data)
  const failed = part.ended.then((reason) => {
    throw new Error(reason)
  })
  try {
    console.error(`${name.padEnd(9)} ${part.address}`)
    process.send?.({ kind: 'ready', address: part.address } satisfies PartReady)
    await Promise.race([failed, aborted(AbortSignal.any([stopping, abandoned.signal]))])
    return { ok: true }
  } finally {
    await part.close()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
}

void runCommand({ json: json === true }, serve).finally(() => {
  // Listening for the parent's end keeps this process alive.
  if (process.connected) process.disconnect()
})
