// Tested in test/tools/query/output.test.ts.
const usualColumns = 80

/** How many characters a line of a terminal has, undefined for what is none; some say 0 and mean that they do not know. */
export function columnsOf({ columns }: { readonly columns?: number }): number | undefined {
  return columns === 0 ? usualColumns : columns
}
