import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { hashPartitionKey, partitionOfKey } from '../../../local/hub/partition-key'

interface SdkMapper {
  hashPartitionKey(key: string): number
  mapPartitionKeyToId(key: string, partitionCount: number): number
}

// Not exported by the package; the buffered producer of the SDK chooses partitions with it.
const sdk = jest.requireActual<SdkMapper>(
  join(dirname(require.resolve('@azure/event-hubs')), 'impl', 'partitionKeyToIdMapper.js'),
)

test('a key hashes and maps as in the SDK, whatever its length and characters', () => {
  const keys = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 40 }))
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 32 }), (key, partitionCount) => {
      expect(hashPartitionKey(key)).toBe(sdk.hashPartitionKey(key))
      expect(partitionOfKey(key, partitionCount)).toBe(sdk.mapPartitionKeyToId(key, partitionCount))
    }),
    { numRuns: 2_000 },
  )
})

test('keys of 0 to 26 bytes hash to the values they always had', () => {
  const key = 'abcdefghijklmnopqrstuvwxyz'
  const hashes = [0, 1, 11, 12, 13, 24, 26].map((length) => hashPartitionKey(key.slice(0, length)))
  expect(hashes).toMatchInlineSnapshot(`
   [
     0,
     -16220,
     -2676,
     -2373,
     -31855,
     26788,
     -13397,
   ]
  `)
})
