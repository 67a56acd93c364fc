// Tested in test/local/storage/gateway-wire.test.ts.
import { RestError } from '@azure/storage-blob'

/**
 * The DFS endpoint's error codes that the gateway answers with, their HTTP status and the service's words
 * (https://learn.microsoft.com/rest/api/storageservices/datalakestoragegen2/path/create and its siblings).
 */
const dfsCodes = {
  AuthenticationFailed: [403, 'Server failed to authenticate the request.'],
  ConditionNotMet: [412, 'The condition specified using HTTP conditional header(s) is not met.'],
  DirectoryNotEmpty: [409, 'The recursive query parameter value must be true to delete a non-empty directory.'],
  FilesystemAlreadyExists: [409, 'The specified filesystem already exists.'],
  FilesystemNotFound: [404, 'The specified filesystem does not exist.'],
  InternalError: [500, 'Server encountered an internal error. Please try again after some time.'],
  InvalidFlushPosition: [
    400,
    'The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.',
  ],
  InvalidInput: [400, 'One of the request inputs is not valid.'],
  InvalidQueryParameterValue: [400, 'Value for one of the query parameters specified in the request URI is invalid.'],
  NoAuthenticationInformation: [401, 'Server failed to authenticate the request: no authentication information.'],
  NotImplemented: [501, 'The local gateway does not offer this operation.'],
  PathAlreadyExists: [409, 'The specified path already exists.'],
  PathNotFound: [404, 'The specified path does not exist.'],
  RenameDestinationParentPathNotFound: [404, 'The parent directory of the destination path does not exist.'],
  ServerBusy: [503, 'The storage emulator behind the gateway does not answer.'],
  SourceConditionNotMet: [412, 'The source condition specified using HTTP conditional header(s) is not met.'],
  SourcePathNotFound: [404, 'The source path for a rename operation does not exist.'],
} as const satisfies Record<string, readonly [number, string]>

/** One of the service's error codes. */
export type DfsCode = keyof typeof dfsCodes

/** An answer of the DFS endpoint that is not success; a class, because the gateway tells it from a bug by type. */
class DfsError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** The service's answer for `code`, with what was wrong added to its words. */
export function dfsError(code: DfsCode, detail?: string, cause?: unknown): DfsError {
  const [status, message] = dfsCodes[code]
  return new DfsError(code, status, detail ? `${message} ${detail}` : message, { cause })
}

const fromBlobCode: Readonly<Record<string, DfsCode>> = {
  BlobAlreadyExists: 'PathAlreadyExists',
  BlobNotFound: 'PathNotFound',
  ContainerAlreadyExists: 'FilesystemAlreadyExists',
  ContainerNotFound: 'FilesystemNotFound',
}

/**
 * Any failure as the DFS endpoint would put it: blob codes by their DFS names, other answers of the emulator as they
 * are, no answer as 503 (clients may try again), everything else as 500.
 */
export function asDfsError(error: unknown): DfsError {
  if (error instanceof DfsError) return error
  if (!(error instanceof RestError)) return dfsError('InternalError', String(error), error)
  if (error.statusCode === undefined) return dfsError('ServerBusy', error.message, error)
  const code = blobCodeOf(error) ?? 'InternalError'
  const translated = fromBlobCode[code]
  if (translated) return dfsError(translated, undefined, error)
  return new DfsError(code, error.statusCode, error.message.split('\n')[0] ?? '', { cause: error })
}

/** The blob endpoint's error code; a HEAD has no body, so its code comes in a header. */
export function blobCodeOf(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined
  return error.response?.headers.get('x-ms-error-code') ?? error.code
}
