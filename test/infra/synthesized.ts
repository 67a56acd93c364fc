import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App, Testing } from 'cdktf'
import { type AzurermMajor } from '../../infra/azurerm'
import { environments, type Config } from '../../infra/config'
import { TillstreamStack } from '../../infra/stack'

/** A block of Terraform's JSON. */
export type Block = Readonly<Record<string, unknown>>

export interface Resource {
  readonly type: string
  readonly id: string
  readonly body: Block
}

/** What Terraform is given, read back: never the constructs, so that a test sees what is deployed. */
export interface Synthesized {
  readonly json: Block
  readonly text: string
  readonly resources: readonly Resource[]
}

/** The stack of a configuration, for the provider it is pinned to unless another major version is given. */
export function synthesize(config: Config, azurerm?: AzurermMajor): Synthesized {
  const outdir = mkdtempSync(join(tmpdir(), 'tillstream-synth-'))
  try {
    const stack = new TillstreamStack(new App({ outdir }), `tillstream-${config.name}`, {
      config,
      stateAccount: 'state',
      ...(azurerm === undefined ? {} : { azurerm }),
    })
    const text = Testing.synth(stack)
    const json = JSON.parse(text) as Block
    return { json, text, resources: resourcesOf(json) }
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

function resourcesOf({ resource }: Block): readonly Resource[] {
  const types = Object.entries(resource as Readonly<Record<string, Readonly<Record<string, Block>>>>)
  return types.flatMap(([type, byId]) => Object.entries(byId).map(([id, body]) => ({ type, id, body })))
}

const { dev, prod } = environments
const network = prod.network.kind === 'private' ? prod.network : undefined
if (!network) throw new Error('prod: expected a private network, got a public one')

/** Every kind of environment the configuration can say, each synthesized once. */
export const variants: ReadonlyMap<string, { readonly config: Config } & Synthesized> = new Map(
  [
    dev,
    prod,
    {
      ...prod,
      network: { ...network, tillRanges: ['203.0.113.0/24'], http: 'private' } as const,
      repository: 'owner/name',
    },
    {
      ...dev,
      network: { kind: 'public', operatorRanges: ['198.51.100.0/24'] } as const,
      hub: { ...dev.hub, sku: 'Premium' } as const,
    },
  ].map((config, index) => [
    ['dev', 'prod', 'prod, tills by internet, pages by network', 'dev, Premium, operators'][index] ?? '',
    { config, ...synthesize(config) },
  ]),
)

/** Bodies of the resources of a type. */
export function all({ resources }: Pick<Synthesized, 'resources'>, type: string): readonly Block[] {
  return resources.filter((resource) => resource.type === type).map(({ body }) => body)
}

/** The only resource of a type. */
export function only(synthesized: Pick<Synthesized, 'resources'>, type: string): Block {
  const found = all(synthesized, type)
  if (found.length !== 1 || !found[0]) throw new Error(`${type}: expected one, got ${found.length}`)
  return found[0]
}

/** Every text in a value with the path to it, names of properties included. */
export function* texts(value: unknown, path = ''): Generator<{ readonly path: string; readonly text: string }> {
  if (typeof value === 'string') yield { path, text: value }
  if (typeof value !== 'object' || value === null) return
  for (const [name, child] of Object.entries(value)) yield* texts(child, path === '' ? name : `${path}.${name}`)
}
