import { SingleBar } from 'cli-progress'

/** A line at the end of the terminal that is written anew in place; elsewhere a line now and then. */
export interface StatusLine {
  readonly show: (text: string) => void
  /** Writes a line that stays, above the status. */
  readonly say: (text: string) => void
  readonly stop: () => void
}

const plainEveryMs = 10_000

/** Opens the line on stderr, so that stdout holds results alone. Away from a terminal a line comes every `everyMs`. */
export function openStatusLine({
  clock = Date.now,
  everyMs = plainEveryMs,
}: { readonly clock?: () => number; readonly everyMs?: number } = {}): StatusLine {
  return process.stderr.isTTY ? inPlace() : nowAndThen(clock, everyMs)
}

function inPlace(): StatusLine {
  const bar = new SingleBar({ format: '{text}', clearOnComplete: false, stream: process.stderr, fps: 5 })
  let text = ''
  bar.start(1, 0, { text })
  return {
    show: (next) => {
      text = next
      bar.update({ text })
    },
    // The bar draws itself anew at its next tick; asked to, it would tick for ever.
    say: (line) => process.stderr.write(`\r\x1b[K${line}\n`),
    stop: () => bar.stop(),
  }
}

function nowAndThen(clock: () => number, everyMs: number): StatusLine {
  let shownMs = -Infinity
  let [last, shown] = ['', '']
  return {
    show: (text) => {
      last = text
      if (clock() - shownMs < everyMs) return
      shownMs = clock()
      shown = text
      console.error(text)
    },
    say: (line) => console.error(line),
    stop: () => last !== shown && console.error(last),
  }
}
