import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { reasonOf } from '../src/reason'
import { boundsOf, type FieldSchema, typeOf } from '../src/event/describe'
import { maxItems, type RejectReason } from '../src/event/decode'
import { maxUnpackedBytes } from '../src/event/envelope'
import { examples } from '../src/event/examples'
import { type EventType, schemas } from '../src/event/schema'

const file = resolve('docs/events.md')

const reasons: Readonly<Record<RejectReason, string>> = {
  'not-json': 'The body is not UTF-8, not JSON, or not whole gzip. The whole body is kept as one reject.',
  schema: 'A required field is missing, a field breaks its bounds, `type` is unknown, or an envelope holds no event.',
  future: 'The event time is more than 5 minutes ahead of the time the hub took the event.',
  past: 'The event time is more than 400 days behind the time the hub took the event: a till whose clock has stopped. See `MAX_BEHIND_DAYS` in [operations.md](operations.md#clocks-of-tills).',
  currency: 'A `currency` is given and is not the one the installation is configured for.',
  'too-large': `One event of more than 256 KiB, more than ${maxItems} events in one body, or more than ${maxUnpackedBytes >> 20} MiB once unpacked.`,
}

const packing = `
## Packing events into EventData

The body of an EventData is **one event**, a JSON object, or **an array of events**. Event Hubs meters what comes in per
EventData of up to 64 KB, so packing 50 receipts into one cuts the bill about tenfold. Rules of packing:

- All events of one body belong to one store, and the partition key is the \`storeId\`.
- Events of a store are sent in the order they happened. Some disorder is fine: see lateness in the design.
- A position is (partition, sequence number, item), where item is the index in the array, 0 for a single event.
- A faulty event in an array is rejected alone; its neighbours count.
- A resend carries the same \`eventId\` and may be packed otherwise. It counts once. Ids belong to their store: another store may use the same one.
- UTF-8; a byte order mark is skipped. An empty array is rejected, as is an empty body.

## Envelopes

Some senders wrap what they send. These are taken off, and each event inside has its own verdict:

| what comes | what it is | the events |
|---|---|---|
| \`{"records": […]}\` | as Azure Diagnostics and many gateways write | the elements of \`records\` |
| \`{"specversion": "1.0", …}\` | a [CloudEvent](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md), structured mode | \`data\`, or the JSON in \`data_base64\` |
| an array with CloudEvents in it | a batch of them; plain events may stand between | as above, one for each element |
| bytes that begin \`1f 8b\` | any of these or a plain body, in gzip | what is packed, at most ${maxUnpackedBytes >> 20} MiB |

- An object with an \`eventId\` is an event, whatever else it holds.
- Each is taken off once: a CloudEvent inside \`records\` or inside another is no event, nor is an array as \`data\`.
- The event is what counts: the attributes of a CloudEvent (\`type\`, \`time\`, \`subject\`, …) are not looked at, and nothing is checked of them but \`specversion\`.
- In binary mode a CloudEvent is a plain event with AMQP properties beside it, and is taken as one.
- Gzip is told by its first bytes; no content encoding needs to be set. Other packings are rejected as \`not-json\`, with the content encoding in the detail where there is one.
- Bronze keeps the bytes as they came: \`body\` is the event's own, out of its envelope, and \`envelope\` on item 0 is the whole body as the hub took it.
- The detail of a reject begins with the envelope: \`CloudEvents: lines: expected …\`, \`gzip records: …\`.`

const compatibility = `
## Compatibility

- Fields that no table names are welcome: they are kept in bronze, byte for byte, and ignored otherwise.
- An optional field without a value is left out. \`null\` is not a value.
- A higher \`schemaVersion\` is accepted as long as the required fields hold, so producers may be updated first.
- A field is never given another meaning, unit or a narrower bound; new fields are optional.
- A new \`type\` is rejected (and kept) by an installation that does not know it yet: update the installation first.`

/** docs/events.md as the schema, the examples and the reject reasons say it, formatted as the repository is. */
async function renderEvents(): Promise<string> {
  const types = Object.keys(schemas) as EventType[]
  const text = [
    '# Events',
    '<!-- Generated from src/event/schema.ts by `npm run docs:events`. Edit the schema, not this page. -->',
    'What producers send to the Event Hub. Every event is a JSON object; its `type` says which table applies:',
    types.map((type) => `[\`${type}\`](#${type})`).join(', ') + '.',
    packing,
    rejects(),
    compatibility,
    ...types.map(section),
  ].join('\n\n')
  return format(text, { ...(await resolveConfig(file)), parser: 'markdown' })
}

function rejects(): string {
  const rows = Object.entries(reasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`)
  return `
## Rejects

What cannot be accepted is kept in bronze as it came, with a reason and a detail that names the field, what was
expected and what came.

| reason | when |
|---|---|
${rows.join('\n')}`
}

function section(type: EventType): string {
  const schema: FieldSchema = schemas[type]
  return `
## ${type}

${schema.description ?? ''}

${table(schema)}

\`\`\`json
${JSON.stringify(examples[type], undefined, 2)}
\`\`\``
}

function table(schema: FieldSchema): string {
  return ['| field | type | required | bounds | meaning |', '|---|---|---|---|---|', ...rows(schema, '')].join('\n')
}

/** One row per field, required ones first; the fields of list items follow their list. */
function rows(schema: FieldSchema, prefix: string): readonly string[] {
  const fields = Object.entries(schema.properties ?? {})
  const required = (name: string): boolean => schema.required?.includes(name) === true
  const ordered = [...fields.filter(([name]) => required(name)), ...fields.filter(([name]) => !required(name))]
  return ordered.flatMap(([name, field]) => {
    const need = required(name) ? 'yes' : field.default === undefined ? 'no' : `no, ${JSON.stringify(field.default)}`
    const cells = [`\`${prefix}${name}\``, typeOf(field), need, boundsOf(field), field.description ?? '']
    const row = `| ${cells.join(' | ')} |`
    return field.items === undefined ? [row] : [row, ...rows(field.items, `${prefix}${name}[].`)]
  })
}

async function main(args: readonly string[]): Promise<void> {
  const text = await renderEvents()
  if (!args.includes('--check')) return writeFile(file, text)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return
  console.error('docs/events.md is stale: run `npm run docs:events` and commit the result')
  process.exitCode = 1
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(reasonOf(error))
    process.exitCode = 1
  })
}
