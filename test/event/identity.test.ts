import { canonicalId } from '../../src/event/identity'

test('ids compare whatever the case of their letters', () => {
  expect(canonicalId('7F0E9D3A-1111-4222-8333-ABCDEFABCDEF')).toBe('7f0e9d3a-1111-4222-8333-abcdefabcdef')
  expect(canonicalId('01JNJ8Z5W0Q4T7M2K9X3C6V8BD')).toBe(canonicalId('01jnj8z5w0q4t7m2k9x3c6v8bd'))
  expect(canonicalId('01JNJ8Z5W0Q4T7M2K9X3C6V8BD')).not.toBe(canonicalId('01JNJ8Z5W0Q4T7M2K9X3C6V8BE'))
})
