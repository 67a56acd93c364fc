import { parseSettings } from '../../src/config/settings'

const least = {
  EventHubConnection__fullyQualifiedNamespace: 'shop.servicebus.windows.net',
  LAKE_URL: 'https://shop.dfs.core.windows.net',
  POSTGRES_HOST: 'shop.postgres.database.azure.com',
}

test('the required settings are enough and the rest has defaults', () => {
  const settings = parseSettings(least)
  expect(settings.hub).toEqual({
    fullyQualifiedNamespace: 'shop.servicebus.windows.net',
    name: 'retail-events',
    consumerGroup: 'tillstream',
  })
  expect(settings.postgres).not.toHaveProperty('password')
  expect(settings.latenessMs).toBe(600_000)
  expect(settings.stockoutAfterMs).toBe(3_600_000)
  expect(Object.isFrozen(settings)).toBe(true)
})

test('one error lists every fault and shows no secret', () => {
  const broken = {
    EventHubConnection: 'Endpoint=sb://x;SharedAccessKey=hush',
    POSTGRES_PORT: '-1',
    POSTGRES_TLS: 'maybe',
    EVENT_HUB_CONSUMER_GROUP: '$Default',
  }
  const parse = () => parseSettings(broken)
  expect(parse).toThrow(/5 at fault/)
  expect(parse).toThrow(/LAKE_URL: expected DFS endpoint/)
  expect(parse).toThrow(/POSTGRES_PORT: expected a whole number of at least 1, got "-1"/)
  expect(parse).toThrow(/POSTGRES_TLS: expected one of verify, off, got "maybe"/)
  expect(parse).toThrow(/EVENT_HUB_CONSUMER_GROUP: expected a group of its own/)
  expect(parse).not.toThrow(/hush/)
})

test('the bound behind is 400 days, another number of them, or off', () => {
  const behind = (given?: string) => parseSettings({ ...least, ...(given && { MAX_BEHIND_DAYS: given }) }).maxBehindMs
  expect([behind(), behind('7'), behind('off')]).toEqual([400 * 86_400_000, 7 * 86_400_000, Infinity])
  expect(() => behind('0')).toThrow('MAX_BEHIND_DAYS: expected a whole number of at least 1, or off, got "0"')
  expect(() => parseSettings({ ...least, MAX_AHEAD_SECONDS: 'off' })).toThrow('MAX_AHEAD_SECONDS: expected a whole')
})

test('business days are UTC from midnight unless the settings say otherwise', () => {
  expect(parseSettings(least).business).toEqual({ calendar: { zone: 'UTC', startMinutes: 0 }, fiscal: 'iso' })
  const chicago = { BUSINESS_ZONE: 'America/Chicago', BUSINESS_DAY_START: '04:00', FISCAL_CALENDAR: '4-5-4' }
  expect(parseSettings({ ...least, ...chicago }).business).toEqual({
    calendar: { zone: 'America/Chicago', startMinutes: 240 },
    fiscal: '4-5-4',
  })
  const wrong = { BUSINESS_ZONE: 'Europe/Lundon', BUSINESS_DAY_START: '4am', FISCAL_CALENDAR: '445' }
  const parse = () => parseSettings({ ...least, ...wrong })
  expect(parse).toThrow(/3 at fault/)
  expect(parse).toThrow('BUSINESS_ZONE: expected an IANA time zone such as Europe/London, got "Europe/Lundon"')
  expect(parse).toThrow('BUSINESS_DAY_START: expected a time of day HH:MM, got "4am"')
  expect(parse).toThrow('FISCAL_CALENDAR: expected one of iso, 4-5-4, got "445"')
})

test('a connection is required one way or the other', () => {
  const { EventHubConnection__fullyQualifiedNamespace: _, ...rest } = least
  expect(() => parseSettings(rest)).toThrow(/EventHubConnection: expected one of them, got neither/)
})
