// Tested in test/tools/query/output.test.ts.
import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'cyan' | 'green' | 'yellow' | 'red'

/** Gives a text a look, or leaves it as it is where looks are not wanted. */
export type Paint = (style: Style, text: string) => string

/** Leaves every text as it is. */
export const plain: Paint = (_style, text) => text

export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false })

/** The painter for a stream: colours on a terminal that has them and whose user did not say NO_COLOR. */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && stream.hasColors() ? coloured : plain
}
