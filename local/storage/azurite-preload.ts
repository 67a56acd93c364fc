// Tested in test/local/storage/azurite.test.ts.
/**
 * Azurite ends in order on SIGTERM only, and would outlive a parent that was killed. Its standard input is a pipe
 * from us, which the system closes whatever becomes of us; so the end of that input is the one way it is stopped.
 * Its last output may meet a closed pipe (EPIPE), which must not end it before it has saved.
 */
const endWithParent = `
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.stdin.resume().on('end', () => process.emit('SIGTERM') || process.exit(1)).unref()
`

/**
 * Azurite looks a blob up by account, container and name, in this order, and its database (Loki) uses the index of
 * the first only, where all blobs are alike; and it deletes by a batch call that sorts every index anew. Both grow
 * with the number of blobs: at 50,000 a rename took 46 ms, with these two detours 0.6 ms. The name is asked for
 * first, and a batch of one is a plain removal; conditions and answers stay the same.
 */
const quickLookups = `
const { Resultset, Collection } = createRequire(main)('lokijs')
const { find } = Resultset.prototype
Resultset.prototype.find = function (query, firstOnly) {
  const key = ['name', 'blobName'].find((name) => typeof query?.[name] === 'string')
  return find.call(this, key ? { [key]: query[key], ...query } : query, firstOnly)
}
const { removeBatchByPositions } = Collection.prototype
Collection.prototype.removeBatchByPositions = function (positions) {
  return positions.length === 1 ? this.remove(this.data[positions[0]]) : removeBatchByPositions.call(this, positions)
}
`

/** A module, as a URL, that prepares the process which then runs Azurite's `main` file. */
export function azuritePreload(main: string): string {
  const source = `
import { createRequire } from 'node:module'
const main = ${JSON.stringify(main)}
${endWithParent}
${quickLookups}`
  return `data:text/javascript,${encodeURIComponent(source)}`
}
