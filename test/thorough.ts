/**
 * Whether tests that strike, race or draw do so in full, which takes several times as long: `TILLSTREAM_THOROUGH=1 npm test`.
 * Otherwise they take a share of it, the same each time; `npm run test:crash` strikes every step in any case.
 */
export const thorough = process.env['TILLSTREAM_THOROUGH'] === '1'

/** At most so many of the numbers 1 to `count`, evenly spread, both ends among them where that is more than one; all of them when thorough. */
export function stepsOf(count: number, { most }: { readonly most: number }): readonly number[] {
  const taken = thorough ? count : Math.min(count, most)
  const stride = taken > 1 ? (count - 1) / (taken - 1) : 0
  return Array.from({ length: taken }, (_, index) => 1 + Math.round(index * stride))
}

/** How often to draw a property: `few`, or `many` when thorough. */
export function runs({ few, many }: { readonly few: number; readonly many: number }): number {
  return thorough ? many : few
}

/** Does it when it is first asked for, and gives the same answer ever after. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
