// Tested in test/lake/store/store.test.ts.
/**
 * The port between the lake and whatever keeps its bytes. Five verbs, because that is what Delta over ADLS Gen2
 * needs; caching, counting and faults are functions `Store → Store`. Paths are `container/folder/.../name`, with
 * `/` and no leading slash. Every implementation is held to `test/lake/store/store.contract.ts`.
 */
export interface Store {
  /**
   * The bytes of a file, or of `[start, end)` of it, or undefined when there is no such file. A range ends with the
   * file at the latest: what lies beyond is left out, and a range that begins there is empty.
   */
  read(path: string, range?: { readonly start: number; readonly end: number }): Promise<Uint8Array | undefined>
  /**
   * Files (no directories) below `prefix`, a folder path, at any depth, ordered by path (by UTF-16 code unit, as `<`
   * does); empty when the folder is not there. With `after`, only paths greater than it.
   */
  list(prefix: string, options?: { readonly after?: string }): Promise<readonly StoredFile[]>
  /**
   * Writes a whole file under a name no other writer uses, making folders as needed; an earlier file of that name
   * is replaced. Not atomic: a reader may see the file empty or half written until the promise resolves, and one
   * that rejects may leave any of that behind.
   */
  put(path: string, bytes: Uint8Array): Promise<void>
  /**
   * Moves a file to a name unless that name is taken: atomic, and the only put-if-absent there is. Exactly one of
   * any number of concurrent callers gets 'moved'; folders of `to` are made as needed. Throws when `from` is missing.
   * When it throws for any other reason the move may or may not have happened, and it was not tried twice.
   */
  rename(from: string, to: string): Promise<'moved' | 'exists'>
  /** Removes a file; a missing one is no error. */
  remove(path: string): Promise<void>
}

/** A file as a listing shows it. */
export interface StoredFile {
  readonly path: string
  readonly sizeBytes: number
  /** Last modification, epoch milliseconds, by the store's clock. */
  readonly modifiedMs: number
}
