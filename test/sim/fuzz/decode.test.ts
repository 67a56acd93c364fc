import { fuzz } from '../../../sim/fuzz/run'
import { startTestWarehouse, type TestWarehouse } from '../../warehouse/postgres'

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

test('G1: whatever a body is, it ends in bronze byte for byte, with a verdict, and no clock moves the watermark', async () => {
  // The name of a fault says how to find it again: npm run --silent build && node dist/sim/fuzz.js --seed ci
  const report = await fuzz({ seed: 'ci', bodies: 20_000, warehouse: server.warehouse })
  expect(report.faults).toEqual([])
  expect(report.rows).toBeGreaterThan(report.bodies)
  expect(Object.keys(report.rowsByVerdict).sort()).toEqual([
    'accepted',
    'currency',
    'future',
    'not-json',
    'schema',
    'too-large',
  ])
})
