// Tested in test/tools/query/text.test.ts.

/** The names a mistyped one is likely to mean, the likeliest first: at most `most`, none when nothing is near. */
export function near(
  typed: string,
  names: readonly string[],
  { most = 3 }: { readonly most?: number } = {},
): readonly string[] {
  const wanted = typed.toLowerCase()
  const scored = names.map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
  return scored
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** A name that holds the typed one, or is held by it, is as near as one letter; else the edit distance counts. */
function distanceOf(typed: string, name: string): number {
  if (typed.length >= 3 && (name.includes(typed) || typed.includes(name))) return 1
  return editDistance(typed, name)
}

/** Letters to insert, drop or replace to make one text the other (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const [replaced = 0, inserted = 0, dropped = 0] = [row[j - 1], next[j - 1], row[j]]
      next.push(Math.min(replaced + (a[i - 1] === b[j - 1] ? 0 : 1), inserted + 1, dropped + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
