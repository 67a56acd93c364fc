import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWarehouse } from '../src/warehouse/connection'
import { exportables } from '../src/warehouse/exports'
import { readLocalSettings } from '../local/stack/settings-file'
import { answerExport } from '../src/app/export'
import { startTestWarehouse, type TestWarehouse } from './warehouse/postgres'

/* What docs/bi.md gives people to paste works, or is at least of the shape its vendor documents. */

const docs = join(__dirname, '..', 'docs')
const page = readFileSync(join(docs, 'bi.md'), 'utf8')

let server: TestWarehouse
beforeAll(async () => {
  server = await startTestWarehouse()
})
afterAll(() => server.close())

/** Indented blocks of a section, as one text. */
function pasted(section: string): string {
  const [, after = ''] = page.split(new RegExp(`^#+ ${section}$`, 'm'))
  const [text = ''] = after.split(/^#+ /m)
  return [...text.matchAll(/^ {4}(.*)$/gm)].map((match) => match[1] ?? '').join('\n')
}

/** https://learn.microsoft.com/power-bi/connect-data/desktop-data-sources#use-pbids-files-to-get-data */
test.each(readdirSync(docs).filter((name) => name.endsWith('.pbids')))(
  '%s is a connection as Power BI documents it',
  (name) => {
    const file: unknown = JSON.parse(readFileSync(join(docs, name), 'utf8'))
    expect(file).toEqual({
      version: '0.1',
      connections: [
        {
          details: {
            protocol: 'postgresql',
            address: { server: expect.stringMatching(/^[\w.-]+(:\d+)?$/) as string, database: 'tillstream' },
          },
          options: {},
          mode: 'DirectQuery',
        },
      ],
    })
  },
)

test('the local one is where npm start puts PostgreSQL', () => {
  const { values } = readLocalSettings(join(docs, '..', 'local.settings.sample.json'))
  const text = readFileSync(join(docs, 'tillstream-local.pbids'), 'utf8')
  expect(text).toContain(`"${values.POSTGRES_HOST}:${values.POSTGRES_PORT}"`)
  expect(text).toContain(`"${values.POSTGRES_DATABASE}"`)
})

test('the role that only reads does read, and neither writes nor sees customers', async () => {
  const statements = pasted('A role that only reads')
    .split('\n')
    .filter((line) => !line.includes('pgaadauth'))
  for (const statement of statements) await server.warehouse.query(statement)
  await server.warehouse.query('CREATE TABLE made_later (n int)')
  const reader = openWarehouse({ ...server.settings, user: 'reader', password: 'choose your own' })
  try {
    for (const { name } of exportables.filter(({ name }) => !name.includes('customers'))) {
      expect(await reader.query(`SELECT * FROM ${name}`)).toEqual([])
    }
    expect(await reader.query('SELECT * FROM made_later')).toEqual([])
    await expect(reader.query('SELECT * FROM v_customers')).rejects.toThrow('permission denied')
    await expect(reader.query('SELECT * FROM gold_customers')).rejects.toThrow('permission denied')
    await expect(reader.query('DELETE FROM sales_1m')).rejects.toThrow(/permission denied|read-only/)
    await expect(reader.query('CREATE TABLE mine (n int)')).rejects.toThrow(/permission denied|read-only/)
  } finally {
    await reader.close()
  }
})

test('the query for psql runs', async () => {
  const [statement = ''] = /^SELECT .*;$/m.exec(pasted('psql')) ?? []
  expect(await server.warehouse.query(statement)).toEqual([])
})

test('the page names every view, and no view or table that cannot be had', async () => {
  const views = await server.warehouse.query(`SELECT viewname FROM pg_views WHERE schemaname = 'public'`)
  const named = [...page.matchAll(/`(v_\w+|\w+_[15]m|\w+_merged|gold_\w+)`/g)].map((match) => match[1])
  expect(views.map(({ viewname }) => viewname).filter((name) => !named.includes(name ?? ''))).toEqual([])
  const known = exportables.flatMap(({ name, source = name }) => [name, source])
  expect(named.filter((name) => !known.includes(name ?? ''))).toEqual([])
})

test('the addresses of CSV files are answered', async () => {
  const addresses = [...page.matchAll(/\/api\/export\/(\w+)\.csv\?([^\s"]+)/g)]
  expect(addresses.length).toBeGreaterThan(1)
  for (const [, table = '', query = ''] of addresses) {
    const file = `${table.replace('TABLE', 'sales_1m')}.csv`
    const asked = { file, query: new URLSearchParams(query.replace(/from=$/, '')) }
    expect(await answerExport(asked, { warehouse: server.warehouse, nowMs: 0 })).toMatchObject({ status: 200 })
  }
})
