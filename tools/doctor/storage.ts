// Tested in test/tools/doctor.test.ts.
import { randomUUID } from 'node:crypto'
import { azureCredential } from '../../src/azure/credential'
import { openLakeStore } from '../../src/azure/lake-store'
import { type Store } from '../../src/lake/store'
import { lakeContainers } from '../../local/storage/storage'
import { type Check, fault, type Finding, ok, warn } from './check'
import { settingsOf, type Subject } from './subject'
import { reach } from './wire'

/** Whether the lake does what commits are made of. */
export const storageChecks: readonly Check[] = [
  {
    group: 'storage',
    name: 'lake',
    needs: ['settings', 'running'],
    run: checkAddress,
    fix: 'correct LAKE_URL, or start the storage (npm start)',
  },
  {
    group: 'storage',
    name: 'containers',
    needs: ['lake'],
    run: checkContainers,
    fix: 'look at the network rules of the storage account, and at the role Storage Blob Data Contributor',
  },
]

async function checkAddress(subject: Subject): Promise<readonly Finding[]> {
  const { lakeUrl } = settingsOf(subject)
  if (!URL.canParse(lakeUrl))
    return [fault(`LAKE_URL: expected https://name.dfs.core.windows.net, got ${lakeUrl}`, 'correct it')]
  const { hostname, port, protocol } = new URL(lakeUrl)
  await reach({ host: hostname, port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port) })
  const isBlob = /\.blob\.core\./.test(hostname)
  return [isBlob ? fault(`${lakeUrl}: the blob endpoint`, 'write .dfs. for .blob. in LAKE_URL') : ok(lakeUrl)]
}

/** Longer than any answer of a healthy account, shorter than the patience with a check. */
const timeoutMs = 12_000

async function checkContainers(subject: Subject): Promise<readonly Finding[]> {
  const { lakeUrl: url, identityClientId: clientId } = settingsOf(subject)
  const store = openLakeStore({ url, credential: await azureCredential({ url, clientId }) }, { timeoutMs })
  await store.list('bronze/events/_delta_log', { after: '~' })
  const found = await Promise.all(lakeContainers.map((container) => checkContainer(store, container)))
  const bad = found.filter((finding) => finding.level !== 'ok')
  return bad.length > 0 ? bad : [ok(`${lakeContainers.join(', ')}: written, renamed, listed, removed`)]
}

/** Does once what every commit does: writes a file, and moves it to a name unless that is taken. */
async function checkContainer(store: Store, container: string): Promise<Finding> {
  const [first, second] = ['a', 'b'].map(() => `${container}/doctor-${randomUUID()}`)
  if (!first || !second) throw new Error('doctor: expected two names, got fewer')
  const probe = Buffer.from('probe')
  try {
    await store.put(first, probe)
    const moved = await store.rename(first, second)
    await store.put(first, probe)
    const refused = await store.rename(first, second)
    if (moved !== 'moved' || refused !== 'exists') {
      const what = `${container}: a rename went over a name that was taken: commits would overwrite each other`
      return fault(what, 'use an account with a hierarchical namespace (ADLS Gen2)')
    }
    return ok(container)
  } catch (error) {
    return refusalOf(error, container)
  } finally {
    await Promise.allSettled([store.remove(first), store.remove(second)])
  }
}

function refusalOf(error: unknown, container: string): Finding {
  const { status, code } = answerIn(error)
  if (status === 404 && /Filesystem|Container/i.test(code)) {
    return fault(`${container}: there is no such container`, 'run npm start, or in Azure deploy the stack again')
  }
  if (status === 401 || status === 403) {
    const fix = 'give whoever runs this Storage Blob Data Contributor, or let its address in'
    return fault(`${container}: refused (${code || status})`, fix)
  }
  if (status === 429 || status === 503) return warn(`${container}: too busy (${status})`, 'try again in a minute')
  throw error
}

/** Status and error code of the service, wherever in the chain of causes they are. */
function answerIn(error: unknown): { readonly status: number | undefined; readonly code: string } {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { statusCode, code } = at as { statusCode?: number; code?: string }
    if (statusCode !== undefined) return { status: statusCode, code: code ?? '' }
  }
  return { status: undefined, code: '' }
}
