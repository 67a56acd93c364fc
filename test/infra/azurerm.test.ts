import { azurermMajor, azurermVersions } from '../../infra/azurerm'
import { all, type Block, only, synthesize, type Synthesized, variants } from './synthesized'

const mixed = variants.get('prod, tills by internet, pages by network')
if (!mixed) throw new Error('expected the variant with a private network and a repository')
const for4 = synthesize(mixed.config, 4)
const for5 = synthesize(mixed.config, 5)

const links = 'azurerm_private_dns_zone_virtual_network_link'
const publisher = 'azurerm_federated_identity_credential'

const providerVersion = ({ json }: Synthesized): unknown =>
  (json.terraform as { required_providers: { azurerm: Block } }).required_providers.azurerm.version

test('the switch stands at 4, and every environment is pinned within the major version it says', () => {
  expect(azurermMajor).toBe(4)
  for (const variant of variants.values()) expect(providerVersion(variant)).toBe('~> 4.81')
  expect(mixed.text).toBe(for4.text)
  expect([providerVersion(for4), providerVersion(for5)]).toEqual([azurermVersions[4], '~> 5.10'])
})

test('local logins of Application Insights are off by the name that 4.81 and 5 both take, and by it alone', () => {
  for (const synthesized of [...variants.values(), for5]) {
    const body = only(synthesized, 'azurerm_application_insights')
    expect(body.local_authentication_enabled).toBe(false)
    expect(body).not.toHaveProperty('local_authentication_disabled')
  }
})

test('4 links a zone to the network by the names of zone and group, 5 by the id of the zone', () => {
  const [named, byId] = [all(for4, links), all(for5, links)]
  expect(named.length).toBeGreaterThan(4)
  expect(byId).toHaveLength(named.length)
  for (const body of named) {
    expect(body.private_dns_zone_name).toMatch(/^\$\{azurerm_private_dns_zone\.[\w-]+\.name\}$/)
    expect(body).toHaveProperty('resource_group_name')
    expect(body).not.toHaveProperty('private_dns_zone_id')
  }
  // The same zone by each way.
  expect(byId.map(({ private_dns_zone_id }) => private_dns_zone_id)).toEqual(
    named.map(({ private_dns_zone_name }) => String(private_dns_zone_name).replace('.name}', '.id}')),
  )
  for (const body of byId) {
    expect(body).not.toHaveProperty('private_dns_zone_name')
    expect(body).not.toHaveProperty('resource_group_name')
  }
})

test('4 ties the credential of the workflow to its identity as parent, 5 as identity', () => {
  const [parent, identity] = [only(for4, publisher), only(for5, publisher)]
  expect(parent).toHaveProperty('resource_group_name')
  expect(parent).not.toHaveProperty('user_assigned_identity_id')
  expect(identity.user_assigned_identity_id).toBe(parent.parent_id)
  expect(identity).not.toHaveProperty('parent_id')
  expect(identity).not.toHaveProperty('resource_group_name')
})

test('nothing else depends on the switch', () => {
  const rest = ({ resources }: Synthesized) => resources.filter(({ type }) => type !== links && type !== publisher)
  expect(rest(for5)).toEqual(rest(for4))
})
