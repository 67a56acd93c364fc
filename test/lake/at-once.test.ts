import { atOnce } from '../../src/lake/at-once'

/** A promise, and what settles it. */
function deferred() {
  let settle: (reason?: Error) => void = () => undefined
  const promise = new Promise<void>((resolve, reject) => {
    settle = (reason) => (reason ? reject(reason) : resolve())
  })
  return { promise, settle }
}

test('so many are under way and no more, and every item has its turn', async () => {
  const work = Array.from({ length: 5 }, deferred)
  const begun: number[] = []
  const done = atOnce(2, work.entries(), ([index, { promise }]) => {
    begun.push(index)
    return promise
  })
  expect(begun).toEqual([0, 1])
  work[1]?.settle()
  await work[1]?.promise
  await new Promise(setImmediate)
  expect(begun).toEqual([0, 1, 2])
  work.forEach(({ settle }) => settle())
  await done
  expect(begun).toEqual([0, 1, 2, 3, 4])
})

test('a failure is thrown when nothing is under way any more, and nothing is begun after it', async () => {
  const [slow, bad] = [deferred(), deferred()]
  const begun: number[] = []
  let ended = false
  const done = atOnce(2, [slow, bad, deferred()].entries(), ([index, { promise }]) => {
    begun.push(index)
    return promise
  }).finally(() => {
    ended = true
  })
  bad.settle(new Error('first'))
  await bad.promise.catch(() => undefined)
  await new Promise(setImmediate)
  expect(ended).toBe(false)
  slow.settle(new Error('second'))
  await expect(done).rejects.toThrow('first')
  expect(begun).toEqual([0, 1])
})
