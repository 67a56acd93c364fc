// Tested in test/generator/parts.test.ts.
/**
 * Events are written here as JSON text with one character per byte of its UTF-8 (a latin1 string): millions are put
 * together from parts that were quoted once, which costs a fraction of `JSON.stringify` and of encoding each.
 */
export type ByteText = string

/** A text, one character per byte of its UTF-8. */
export function bytesText(text: string): ByteText {
  return Buffer.from(text).toString('latin1')
}

/** A text as a JSON string. */
export function quoted(text: string): ByteText {
  return bytesText(JSON.stringify(text))
}

/**
 * The same text in one block of memory. V8 keeps a text as a tree of the parts it was put together from until somebody
 * asks for a character; as trees, the texts waiting to be sent would be most of the garbage collector's work.
 */
export function oneBlock(text: ByteText): ByteText {
  return text.charCodeAt(0) >= 0 ? text : ''
}

/** The bytes behind the characters. */
export function bytesOf(text: ByteText): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** The value a JSON text stands for. */
export function valueOf(text: ByteText): unknown {
  return JSON.parse(Buffer.from(text, 'latin1').toString())
}

const digits = (count: number): readonly string[] =>
  Array.from({ length: 10 ** count }, (_, i) => String(i).padStart(count, '0'))
const [two, three] = [digits(2), digits(3)]
const hundredths = two.map((text) => (text === '00' ? '' : `.${text.replace(/0$/, '')}`))

/** Cents as JSON writes the same number of currency units. */
export function amountText(cents: number): ByteText {
  const whole = Math.abs(cents)
  const units = Math.floor(whole / 100)
  return (cents < 0 ? '-' : '') + units + (hundredths[whole - units * 100] ?? '')
}

const minuteMs = 60_000

/** Writes ISO 8601 times in UTC to the millisecond; quickest where times of one minute follow each other. */
export function createTimeText(): (timeMs: number) => ByteText {
  let minute = NaN
  let head = ''
  return (timeMs) => {
    const current = Math.floor(timeMs / minuteMs)
    if (current !== minute) {
      minute = current
      head = new Date(current * minuteMs).toISOString().slice(0, 17)
    }
    const rest = timeMs - current * minuteMs
    const second = Math.floor(rest / 1000)
    return head + (two[second] ?? '') + '.' + (three[rest - second * 1000] ?? '') + 'Z'
  }
}
