/** One hub of a checked configuration. `consumerGroups` always starts with `$Default`. */
export interface HubEntity {
  readonly name: string
  readonly partitionCount: number
  readonly consumerGroups: readonly string[]
}

const maxHubs = 10
const maxPartitions = 32
const maxConsumerGroups = 20
/** Names become folder names, so this is stricter than the service: no slash, no leading dot. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,255}$/
const defaultGroup = '$Default'

type Fields = Readonly<Record<string, unknown>>

/**
 * The hubs of a parsed `Config.json` of the official Event Hubs emulator
 * (`UserConfig.NamespaceConfig[].Entities[]`), with its limits: 1 to 10 hubs, 1 to 32 partitions, up to 20 consumer
 * groups besides `$Default`, names unique without regard to case. Throws one error that lists every fault.
 */
export function parseHubConfig(config: unknown): readonly HubEntity[] {
  const faults: string[] = []
  const namespaces = fieldList(fields(fields(config)['UserConfig'])['NamespaceConfig'])
  if (namespaces.length === 0) faults.push('UserConfig.NamespaceConfig: expected a list with one namespace, got none')
  const entities = namespaces.flatMap((namespace) => fieldList(namespace['Entities']))
  if (entities.length < 1 || entities.length > maxHubs) {
    faults.push(`Entities: expected 1 to ${maxHubs} hubs, got ${entities.length}`)
  }
  const hubs = entities.map((entity, index) => parseEntity(entity, `Entities[${index}]`, faults))
  faults.push(...repeated(hubs.map((hub) => hub.name)).map((name) => `Entities: hub "${name}" is there twice`))
  if (faults.length > 0) throw new Error(`hub configuration: ${faults.join('; ')}`)
  return hubs
}

function parseEntity(entity: Fields, where: string, faults: string[]): HubEntity {
  const name = parseName(entity['Name'], `${where}.Name`, faults)
  const partitionCount = entity['PartitionCount']
  if (!isCount(partitionCount, maxPartitions)) {
    faults.push(`${where}.PartitionCount: expected 1 to ${maxPartitions}, got ${JSON.stringify(partitionCount)}`)
  }
  const groups = fieldList(entity['ConsumerGroups']).map((group, index) =>
    group['Name'] === defaultGroup
      ? defaultGroup
      : parseName(group['Name'], `${where}.ConsumerGroups[${index}].Name`, faults),
  )
  const named = groups.filter((group) => group.toLowerCase() !== defaultGroup.toLowerCase())
  if (named.length > maxConsumerGroups) {
    faults.push(`${where}.ConsumerGroups: expected at most ${maxConsumerGroups}, got ${named.length}`)
  }
  faults.push(...repeated(named).map((group) => `${where}.ConsumerGroups: "${group}" is there twice`))
  return { name, partitionCount: Number(partitionCount), consumerGroups: [defaultGroup, ...named] }
}

function parseName(value: unknown, where: string, faults: string[]): string {
  if (typeof value === 'string' && namePattern.test(value)) return value
  faults.push(`${where}: expected letters, digits, ".", "_" or "-", got ${JSON.stringify(value)}`)
  return ''
}

function isCount(value: unknown, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max
}

function repeated(names: readonly string[]): readonly string[] {
  const lower = names.map((name) => name.toLowerCase())
  return names.filter((name, index) => name !== '' && lower.indexOf(name.toLowerCase()) < index)
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function fieldList(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fields) : []
}
