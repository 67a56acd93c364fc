/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.tillstream/'],
  transform: {
    '^.+\\.(t|j)s$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // hyparquet ships ES modules only; jest runs CommonJS.
  transformIgnorePatterns: ['/node_modules/(?!hyparquet/)'],
  // Real PostgreSQL, Azurite and an AMQP broker start inside the tests.
  testTimeout: 60_000,
  maxWorkers: 2,
}
