// Tested in test/tools/doctor.test.ts.
import { type Check, fault, type Finding, off, ok, warn } from './check'
import { type Subject } from './subject'
import { type Answer, type Greeting, inBytes, overHttp } from './wire'

type Ports = NonNullable<Subject['stack']>['ports']

interface Service {
  readonly name: string
  readonly port: keyof Ports
  /** Where its port is set. */
  readonly setting: string
  readonly greet: Greeting
}

const azurite = (service: string) =>
  overHttp('/', ({ headers }) => headers.get('server')?.startsWith(`Azurite-${service}`) ?? false)

/** What listens on this machine, and how it is told from anything else that might. */
const services: readonly Service[] = [
  {
    name: 'hub',
    port: 'hub',
    setting: 'EventHubConnection',
    // The protocol header of AMQP 1.0 with SASL, which a broker answers with its own (part 2.2, part 5.3.1).
    greet: inBytes([0x41, 0x4d, 0x51, 0x50, 3, 1, 0, 0], (reply) => reply.toString('latin1').startsWith('AMQP')),
  },
  { name: 'blob', port: 'blob', setting: 'AzureWebJobsStorage', greet: azurite('Blob') },
  { name: 'queue', port: 'queue', setting: 'AzureWebJobsStorage', greet: azurite('Queue') },
  { name: 'table', port: 'table', setting: 'AzureWebJobsStorage', greet: azurite('Table') },
  {
    name: 'lake',
    port: 'lake',
    setting: 'LAKE_URL',
    greet: overHttp('/devstoreaccount1?resource=account', ({ headers }) => headers.has('x-ms-error-code')),
  },
  {
    name: 'postgres',
    port: 'postgres',
    setting: 'POSTGRES_PORT',
    // SSLRequest, to which a server says S or N (PostgreSQL protocol, "SSL Session Encryption").
    greet: inBytes([0, 0, 0, 8, 4, 210, 22, 47], (reply) => ['S', 'N'].includes(reply.toString('latin1'))),
  },
  {
    name: 'functions',
    port: 'http',
    setting: 'Host.LocalHttpPort',
    greet: overHttp('/admin/functions', async (answer) => answer.ok && (await answer.text()).includes('ingest')),
  },
]

/** Whether ports are ours or free, and whether anything runs at all. */
export const stackChecks: readonly Check[] = [
  { group: 'stack', name: 'ports', where: 'local', run: checkPorts, fix: 'choose other ports in the settings' },
  { group: 'stack', name: 'running', where: 'local', run: checkRunning, fix: 'run npm start' },
]

type Heard = readonly (Service & { readonly at: number; readonly answer: Answer })[]

async function listenAll({ stack }: Subject): Promise<Heard> {
  if (!stack) return []
  const { ports } = stack
  return Promise.all(
    services.map(async (service) => {
      const at = ports[service.port]
      return { ...service, at, answer: await service.greet(at) }
    }),
  )
}

async function checkPorts(subject: Subject): Promise<readonly Finding[]> {
  const heard = await listenAll(subject)
  const taken = heard.filter(({ answer }) => answer === 'other')
  if (taken.length > 0) {
    return taken.map(({ name, at, setting }) =>
      fault(
        `${at}: expected ${name} or nobody, something else listens`,
        `end it (lsof -i :${at}), or move ${name} by ${setting} in ${subject.source.name}`,
      ),
    )
  }
  const list = (wanted: Answer) =>
    heard.filter(({ answer }) => answer === wanted).map(({ name, at }) => `${name} ${at}`)
  const parts = [
    { word: 'ours', names: list('ours') },
    { word: 'free', names: list('free') },
  ]
  return [ok(parts.flatMap(({ word, names }) => (names.length > 0 ? [`${word}: ${names.join(', ')}`] : [])).join('; '))]
}

async function checkRunning(subject: Subject): Promise<readonly Finding[]> {
  const heard = await listenAll(subject)
  const running = heard.filter(({ answer }) => answer === 'ours').map(({ name }) => name)
  if (running.length === 0) return [off('nothing runs: npm start, and ask again while it does')]
  if (running.includes('functions')) return [ok(running.join(', '))]
  return [warn(`${running.join(', ')}, but no functions`, 'run npm start, or func start beside npm run services')]
}
