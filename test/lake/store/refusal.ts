import { RestError } from '@azure/storage-file-datalake'

/** `status code` of a call that the service refuses. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  return call.then(() => 'accepted', refusalText)
}

/** `status code` of what a refused call throws. */
export function refusalText(error: unknown): string {
  if (!(error instanceof RestError)) throw new Error('expected the service to refuse', { cause: error })
  return `${error.statusCode ?? 0} ${error.code ?? ''}`
}
