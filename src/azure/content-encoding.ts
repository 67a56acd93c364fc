// Tested in test/azure/trigger-batch.test.ts.
/**
 * What a producer says a body is packed in, in lower case: the AMQP property where it set that, else an application
 * property of the name. Each SDK and the Functions worker write the name their own way: `content-encoding`,
 * `contentEncoding`, `Content-Encoding`, and the worker makes the first letter a small one.
 */
export function contentEncodingOf(...properties: readonly unknown[]): string | undefined {
  for (const named of properties) {
    if (typeof named !== 'object' || named === null) continue
    for (const [name, value] of Object.entries(named)) {
      const isEncoding = name.replace(/[-_]/, '').toLowerCase() === 'contentencoding'
      if (isEncoding && typeof value === 'string' && value !== '') return value.toLowerCase()
    }
  }
  return undefined
}
