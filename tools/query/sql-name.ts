// Tested in test/tools/query/session.test.ts.

/** A name as SQL takes it whatever is in it. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
