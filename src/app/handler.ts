// Tested in test/functions/rejection.test.ts.
/**
 * A handler that does as `handler` does, and rejects with an error that names the function where `handler` rejects with
 * `undefined` or `null`. The worker takes those for success (azure-functions-nodejs-worker 3.9.1,
 * `src/eventHandlers/InvocationHandler.ts`): the host would move its checkpoint past a batch that was not committed.
 */
export function withReason<Args extends readonly unknown[]>(
  functionName: string,
  handler: (...args: Args) => unknown,
): (...args: Args) => Promise<unknown> {
  return async (...args) => {
    try {
      return await handler(...args)
    } catch (error) {
      if (error !== undefined && error !== null) throw error
      throw new Error(
        `function "${functionName}": expected an error to say why it failed, got ${String(error)}; ` +
          'look for a throw or a reject() without one',
        { cause: error },
      )
    }
  }
}
