// Tested in test/tools/query/session.test.ts.
/** What a thrown value says, for a line of a log or an answer: an error's message, else the value as text. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
