/*
 * Names and values in the lake were written by others. A terminal would obey the control characters among them (colours,
 * cursor moves, a new title, text that runs backwards), so they are shown as escapes.
 *
 * Tested in test/tools/query/text.test.ts.
 */
const unprintable = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text of one line in which nothing steers the terminal: control and format characters become `\n`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replace(unprintable, escape)
}

/** The same for a text of several lines, such as an error message: line ends stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

function escape(char: string): string {
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return named[char] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`)
}

const zeroWidth = /^[\p{Mn}\p{Me}\u200c\u200d]$/u
const doubleWidth =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u

/** Columns a printable text takes on a terminal: East Asian characters and emoji take two, combining marks none. */
export function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += char < '\u0300' ? 1 : zeroWidth.test(char) ? 0 : doubleWidth.test(char) ? 2 : 1
  return width
}

/** The text in at most so many columns; one that is longer ends in `…`. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let [kept, width] = ['', 0]
  for (const char of text) {
    width += widthOf(char)
    if (width > columns - 1) break
    kept += char
  }
  return `${kept}…`
}

/** The text cut or filled with blanks to exactly so many columns. */
export function fill(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, columns)
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(short)))
  return align === 'left' ? short + blanks : blanks + short
}

/** Words in lines of at most that width. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
