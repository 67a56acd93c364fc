// `npm run test:interop`: needs Python and PyPI, so it is no part of `npm test`.
/** @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  testMatch: ['<rootDir>/test/interop/**/*.interop.ts'],
  testTimeout: 300_000,
}
