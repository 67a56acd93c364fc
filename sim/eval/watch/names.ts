// Tested in test/sim/eval/watch/shelves.test.ts.

/** Texts by number, in order of first sight: a shelf keeps two numbers instead of two texts. */
export interface Names {
  readonly list: string[]
  readonly numbers: Map<string, number>
}

/** No names; or those of a list. */
export function namesOf(list: readonly string[] = []): Names {
  return { list: [...list], numbers: new Map(list.map((name, number) => [name, number])) }
}

/** The number of a name, a new one for a new name. */
export function numberOf({ list, numbers }: Names, name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, list.length)
  return list.push(name) - 1
}
