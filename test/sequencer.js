const { default: Sequencer } = require('@jest/test-sequencer')
const { needsServices } = require('./services.js')

/**
 * Tests that start services first: among them are all the long ones, and one that begins last keeps a core waiting. Within
 * either, jest's own order: how long they took the last time, or, in a fresh checkout, how long their files are.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const ordered = super.sort(tests)
    const slow = new Set(ordered.filter(({ path }) => needsServices(path)))
    return [...slow, ...ordered.filter((test) => !slow.has(test))]
  }
}
