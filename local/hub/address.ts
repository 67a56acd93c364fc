// Tested in test/local/hub/protocol.test.ts.
/** What a link address names. */
export type Address =
  | { readonly kind: 'cbs' }
  | { readonly kind: 'management' }
  | { readonly kind: 'hub'; readonly hub: string }
  | { readonly kind: 'partition'; readonly hub: string; readonly partition: string }
  | { readonly kind: 'group'; readonly hub: string; readonly group: string; readonly partition: string }
  | { readonly kind: 'unknown'; readonly text: string }

/**
 * Reads the address of a link: `$cbs`, `$management`, `hub`, `hub/Partitions/N` or
 * `hub/ConsumerGroups/G/Partitions/N`, with or without `amqp(s)://host/` or a leading slash in front.
 */
export function parseAddress(address: unknown): Address {
  if (typeof address !== 'string') return { kind: 'unknown', text: '' }
  const parts = address
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .split('/')
    .filter((part) => part !== '')
  const last = parts.at(-1)?.toLowerCase()
  if (last === '$cbs') return { kind: 'cbs' }
  if (last === '$management') return { kind: 'management' }
  return parseEntity(parts) ?? { kind: 'unknown', text: address }
}

function parseEntity([hub, ...path]: readonly string[]): Address | undefined {
  if (hub === undefined) return undefined
  const words = path.filter((_, index) => index % 2 === 0).map((word) => word.toLowerCase())
  const [first, second] = path.filter((_, index) => index % 2 === 1)
  switch (words.join('/')) {
    case '':
      return { kind: 'hub', hub }
    case 'partitions':
      return first === undefined ? undefined : { kind: 'partition', hub, partition: first }
    case 'consumergroups/partitions':
      if (first === undefined || second === undefined) return undefined
      return { kind: 'group', hub, group: first, partition: second }
    default:
      return undefined
  }
}
