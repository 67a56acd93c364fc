import { type Calendar, minutesOf } from '../business/calendar'
import { type FiscalCalendar, fiscalCalendars } from '../business/fiscal'
import { isZone } from '../business/zone'
import { dayMs } from '../day'

/**
 * Every setting once: name, meaning, default. The app reads its settings through `parseSettings` and nowhere else;
 * docs, infrastructure and the local stack take the names from here.
 */
type Kind = 'text' | 'secret' | 'integer'

interface Setting {
  readonly kind: Kind
  readonly meaning: string
  /** Text as it would stand in the environment; absent: required unless `optional`. */
  readonly fallback?: string
  readonly optional?: true
  readonly minimum?: number
  /** `off` may stand for the number: no bound. */
  readonly off?: true
  readonly oneOf?: readonly string[]
  /** What the text has to be, for people, and whether it is. */
  readonly shape?: readonly [expected: string, isOne: (text: string) => boolean]
}

export const settings = {
  EventHubConnection: {
    kind: 'secret',
    optional: true,
    meaning: 'Event Hubs connection string; only where no identity can be had, as with the emulator',
  },
  EventHubConnection__fullyQualifiedNamespace: {
    kind: 'text',
    optional: true,
    meaning: 'Event Hubs namespace, reached by identity: name.servicebus.windows.net',
  },
  APPLICATIONINSIGHTS_CONNECTION_STRING: {
    kind: 'secret',
    optional: true,
    meaning: 'Application Insights that takes the measurements; without it they go nowhere',
  },
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: {
    kind: 'text',
    optional: true,
    meaning: 'ClientId=…;Authorization=AAD where Application Insights wants the identity; the host reads it too',
  },
  AZURE_CLIENT_ID: { kind: 'text', optional: true, meaning: 'client id of the user-assigned identity' },
  EVENT_HUB_NAME: { kind: 'text', fallback: 'retail-events', meaning: 'hub the tills send to' },
  STREAM_NAME: {
    kind: 'text',
    optional: true,
    meaning:
      'name under which the lake keeps positions, the same for as long as the lake; default: the name of the hub',
  },
  HUB_GENERATION: {
    kind: 'integer',
    fallback: '0',
    minimum: 0,
    meaning:
      'raised by 1 when the hub was deleted and created anew, or another takes its place: its numbers start over',
  },
  EVENT_HUB_CONSUMER_GROUP: {
    kind: 'text',
    fallback: 'tillstream',
    meaning: 'consumer group of `ingest` alone; others read in $Default',
  },
  LAKE_URL: { kind: 'text', meaning: 'DFS endpoint of the ADLS Gen2 account: https://name.dfs.core.windows.net' },
  POSTGRES_HOST: { kind: 'text', meaning: 'PostgreSQL server' },
  POSTGRES_PORT: { kind: 'integer', fallback: '5432', minimum: 1, meaning: 'PostgreSQL port' },
  POSTGRES_DATABASE: { kind: 'text', fallback: 'tillstream', meaning: 'PostgreSQL database' },
  POSTGRES_USER: {
    kind: 'text',
    fallback: 'tillstream',
    meaning: 'PostgreSQL role; in Azure the name of the identity',
  },
  POSTGRES_PASSWORD: {
    kind: 'secret',
    optional: true,
    meaning: 'PostgreSQL password; without it a token of the identity is the password',
  },
  POSTGRES_TLS: {
    kind: 'text',
    fallback: 'verify',
    oneOf: ['verify', 'off'],
    meaning: 'whether the server must prove itself',
  },
  CURRENCY: { kind: 'text', fallback: 'GBP', meaning: 'ISO 4217 code of every price; events in another are rejected' },
  BUSINESS_ZONE: {
    kind: 'text',
    fallback: 'UTC',
    shape: ['an IANA time zone such as Europe/London', isZone],
    meaning: "time zone of the shops, by which days and hours go; a store's own in table `stores` goes before it",
  },
  BUSINESS_DAY_START: {
    kind: 'text',
    fallback: '00:00',
    shape: ['a time of day HH:MM', isTimeOfDay],
    meaning: 'local time at which a business day begins; 04:00 counts the night to the evening before',
  },
  FISCAL_CALENDAR: {
    kind: 'text',
    fallback: 'iso',
    oneOf: fiscalCalendars,
    meaning: 'weeks, periods and years of finance: ISO 8601, or 4-5-4 as retail in North America has them',
  },
  PRODUCT_KINDS: {
    kind: 'text',
    fallback: 'GIFTCARD=gift_card,GIFT-CARD=gift_card,GIFT_CARD=gift_card,ORDER-DISCOUNT=discount',
    meaning: 'kinds of products whose lines say none: PRODUCT=kind, several by commas',
  },
  LATENESS_SECONDS: {
    kind: 'integer',
    fallback: '600',
    minimum: 1,
    meaning: 'how long after the newest event of a partition an older one still counts into its window',
  },
  IDLE_AFTER_SECONDS: {
    kind: 'integer',
    fallback: '60',
    minimum: 0,
    meaning: 'how long a partition is quiet before the pulse lets its windows close',
  },
  STOCKOUT_AFTER_MINUTES: {
    kind: 'integer',
    fallback: '60',
    minimum: 1,
    meaning: 'how long a product that sold before goes unsold in a store before an alert opens',
  },
  TOP_PRODUCTS: {
    kind: 'integer',
    fallback: '100',
    minimum: 1,
    meaning: 'products, and categories, that the daily batch ranks per store and over all stores',
  },
  LOYAL_PURCHASES: {
    kind: 'integer',
    fallback: '2',
    minimum: 1,
    meaning: 'purchases from which a customer counts as loyal',
  },
  PREMIUM_SPEND: {
    kind: 'integer',
    fallback: '500',
    minimum: 0,
    meaning: 'currency units spent over all days from which a customer is in the premium segment',
  },
  STANDARD_SPEND: {
    kind: 'integer',
    fallback: '100',
    minimum: 0,
    meaning: 'currency units spent over all days from which a customer is in the standard segment, below it in basic',
  },
  MAX_AHEAD_SECONDS: {
    kind: 'integer',
    fallback: '300',
    minimum: 0,
    meaning: 'how far event time may be ahead of the time the hub took the event',
  },
  MAX_BEHIND_DAYS: {
    kind: 'integer',
    fallback: '400',
    minimum: 1,
    off: true,
    meaning:
      'how far event time may be behind the time the hub took the event; off: any time from 1970 on, to replay recorded sales',
  },
  MAX_EVENT_BYTES: { kind: 'integer', fallback: '262144', minimum: 256, meaning: 'largest event taken, in bytes' },
  MAX_BATCH_BYTES: {
    kind: 'integer',
    fallback: '16777216',
    minimum: 1,
    meaning: 'bytes of bodies decoded, committed and folded at a time; memory goes by it, and one message always is',
  },
  SNAPSHOT_EVERY_EVENTS: {
    kind: 'integer',
    fallback: '5000',
    minimum: 1,
    meaning: 'events of a partition between two saved states, or as many as a larger state remembers',
  },
  CHECKPOINT_EVERY_COMMITS: {
    kind: 'integer',
    fallback: '100',
    minimum: 1,
    meaning: 'commits of a Delta table between two checkpoints of its log; a cold start reads about so many entries',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof settings

/** The settings as the app uses them: durations in milliseconds, secrets only where they were given. */
export interface Settings {
  readonly hub: {
    readonly connectionString?: string
    readonly fullyQualifiedNamespace?: string
    readonly name: string
    readonly consumerGroup: string
  }
  readonly stream: { readonly name: string; readonly generation: number }
  readonly identityClientId?: string
  /** Absent: what is measured goes nowhere. */
  readonly telemetry?: { readonly connectionString: string; readonly signedBy: 'identity' | 'nobody' }
  readonly lakeUrl: string
  readonly postgres: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly user: string
    readonly password?: string
    readonly tls: 'verify' | 'off'
  }
  readonly currency: string
  readonly business: {
    /** Of every store that has none of its own. */
    readonly calendar: Calendar
    readonly fiscal: FiscalCalendar
  }
  /** As given: PRODUCT=kind, several by commas. */
  readonly productKinds: string
  readonly latenessMs: number
  readonly idleAfterMs: number
  readonly stockoutAfterMs: number
  /** Where the daily batch draws its lines. */
  readonly thresholds: {
    readonly topProducts: number
    readonly loyalPurchases: number
    readonly premiumSpendCents: number
    readonly standardSpendCents: number
  }
  readonly maxAheadMs: number
  /** Infinity where there is no bound. */
  readonly maxBehindMs: number
  readonly maxEventBytes: number
  readonly maxBatchBytes: number
  readonly snapshotEveryEvents: number
  readonly checkpointEveryCommits: number
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The settings found in an environment, frozen. Throws one error that lists every fault: what is missing, what was
 * expected and, for anything but a secret, what came.
 */
export function parseSettings(environment: Environment): Settings {
  const faults: string[] = []
  const read = (name: SettingName) => readSetting(name, environment, faults)
  const text = (name: SettingName) => read(name) ?? ''
  const integer = (name: SettingName) => Number(read(name))
  const optional = <K extends string>(key: K, name: SettingName) => {
    const value = read(name)
    return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string }
  }
  const parsed: Settings = {
    hub: {
      ...optional('connectionString', 'EventHubConnection'),
      ...optional('fullyQualifiedNamespace', 'EventHubConnection__fullyQualifiedNamespace'),
      name: text('EVENT_HUB_NAME'),
      consumerGroup: text('EVENT_HUB_CONSUMER_GROUP'),
    },
    stream: { name: read('STREAM_NAME') ?? text('EVENT_HUB_NAME'), generation: integer('HUB_GENERATION') },
    ...optional('identityClientId', 'AZURE_CLIENT_ID'),
    ...telemetry(read('APPLICATIONINSIGHTS_CONNECTION_STRING'), read('APPLICATIONINSIGHTS_AUTHENTICATION_STRING')),
    lakeUrl: text('LAKE_URL'),
    postgres: {
      host: text('POSTGRES_HOST'),
      port: integer('POSTGRES_PORT'),
      database: text('POSTGRES_DATABASE'),
      user: text('POSTGRES_USER'),
      ...optional('password', 'POSTGRES_PASSWORD'),
      tls: text('POSTGRES_TLS') === 'off' ? 'off' : 'verify',
    },
    currency: text('CURRENCY'),
    business: business(text('BUSINESS_ZONE'), text('BUSINESS_DAY_START'), text('FISCAL_CALENDAR')),
    productKinds: text('PRODUCT_KINDS'),
    latenessMs: integer('LATENESS_SECONDS') * 1000,
    idleAfterMs: integer('IDLE_AFTER_SECONDS') * 1000,
    stockoutAfterMs: integer('STOCKOUT_AFTER_MINUTES') * 60_000,
    thresholds: {
      topProducts: integer('TOP_PRODUCTS'),
      loyalPurchases: integer('LOYAL_PURCHASES'),
      premiumSpendCents: integer('PREMIUM_SPEND') * 100,
      standardSpendCents: integer('STANDARD_SPEND') * 100,
    },
    maxAheadMs: integer('MAX_AHEAD_SECONDS') * 1000,
    maxBehindMs: days(read('MAX_BEHIND_DAYS')),
    maxEventBytes: integer('MAX_EVENT_BYTES'),
    maxBatchBytes: integer('MAX_BATCH_BYTES'),
    snapshotEveryEvents: integer('SNAPSHOT_EVERY_EVENTS'),
    checkpointEveryCommits: integer('CHECKPOINT_EVERY_COMMITS'),
  }
  if (parsed.hub.consumerGroup.toLowerCase() === '$default') {
    faults.push('EVENT_HUB_CONSUMER_GROUP: expected a group of its own, got "$Default"; gaps are read back in that one')
  }
  if (parsed.thresholds.standardSpendCents > parsed.thresholds.premiumSpendCents) {
    const premium = parsed.thresholds.premiumSpendCents / 100
    faults.push(`STANDARD_SPEND: expected at most PREMIUM_SPEND, which is ${premium}, got more`)
  }
  if (parsed.hub.connectionString === undefined && parsed.hub.fullyQualifiedNamespace === undefined) {
    faults.push('EventHubConnection__fullyQualifiedNamespace or EventHubConnection: expected one of them, got neither')
  }
  if (faults.length > 0) throw new Error(`settings: ${faults.length} at fault\n  ${faults.join('\n  ')}`)
  Object.freeze(parsed.hub)
  Object.freeze(parsed.stream)
  Object.freeze(parsed.postgres)
  Object.freeze(parsed.thresholds)
  return Object.freeze(parsed)
}

function business(zone: string, dayStart: string, fiscalCalendar: string): Settings['business'] {
  const calendar = Object.freeze({ zone, startMinutes: isTimeOfDay(dayStart) ? minutesOf(dayStart) : 0 })
  return Object.freeze({ calendar, fiscal: fiscalCalendars.find((one) => one === fiscalCalendar) ?? 'iso' })
}

function isTimeOfDay(text: string): boolean {
  try {
    minutesOf(text)
    return true
  } catch {
    return false
  }
}

/** Milliseconds of as many days; `off` is Infinity. */
function days(given: string | undefined): number {
  return given === 'off' ? Infinity : Number(given) * dayMs
}

function telemetry(connectionString: string | undefined, authentication = ''): Pick<Settings, 'telemetry'> {
  if (connectionString === undefined) return {}
  const signedBy = /(^|;)\s*Authorization\s*=\s*AAD\s*(;|$)/i.test(authentication) ? 'identity' : 'nobody'
  return { telemetry: Object.freeze({ connectionString, signedBy }) }
}

/** The text of a setting or of its default; undefined when absent. What is wrong with it is added to `faults`. */
function readSetting(name: SettingName, environment: Environment, faults: string[]): string | undefined {
  const setting: Setting = settings[name]
  const given = environment[name]?.trim()
  if (given === undefined || given === '') {
    if (setting.fallback === undefined && !setting.optional)
      faults.push(`${name}: expected ${setting.meaning}, got nothing`)
    return setting.fallback
  }
  const shown = setting.kind === 'secret' ? 'a secret' : `"${given}"`
  if (setting.kind === 'integer' && !(setting.off && given === 'off')) {
    const minimum = setting.minimum ?? 0
    if (!/^\d+$/.test(given) || Number(given) < minimum || !Number.isSafeInteger(Number(given))) {
      faults.push(
        `${name}: expected a whole number of at least ${minimum}${setting.off ? ', or off' : ''}, got ${shown}`,
      )
    }
  }
  if (setting.oneOf && !setting.oneOf.includes(given)) {
    faults.push(`${name}: expected one of ${setting.oneOf.join(', ')}, got ${shown}`)
  }
  if (setting.shape && !setting.shape[1](given)) faults.push(`${name}: expected ${setting.shape[0]}, got ${shown}`)
  return given
}
