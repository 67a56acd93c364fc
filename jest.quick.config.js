// `npm run test:quick`: the tests that need no service. Which these are nobody has to say: a test file is quick when nothing
// it imports, at whatever remove, can start a process or open a socket.
const { readdirSync } = require('node:fs')
const { join } = require('node:path')
const { needsServices } = require('./test/services.js')

const testFolder = join(__dirname, 'test')
const quick = readdirSync(testFolder, { recursive: true })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join(testFolder, name))
  .filter((file) => !needsServices(file))

/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: quick,
  // Holds what the imports promise, for packages too.
  setupFiles: ['<rootDir>/test/no-services.js'],
}
