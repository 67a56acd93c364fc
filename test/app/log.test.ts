import { setImmediate as turn } from 'node:timers/promises'
import { enterLog, logHere, logTo } from '../../src/app/log'

test('lines go to the invocation that runs, however invocations overlap and whoever made what writes them', async () => {
  const lines: string[] = []
  const takerOf = (name: string) => {
    const take = (level: string) => (line: string) => lines.push(`${name} ${level} ${line}`)
    return { info: take('info'), warn: take('warn'), error: take('error') }
  }
  const shared = async () => {
    await turn()
    logHere('warn', 'shared')
  }
  const invocation = async (name: string, turns: number) => {
    enterLog(logTo(takerOf(name)))
    logHere('info', 'begins')
    for (let i = 0; i < turns; i++) await turn()
    await shared()
    logHere('info', 'ends')
  }
  await Promise.all([invocation('long', 5), invocation('short', 1)])
  expect(lines).toEqual([
    'long info begins',
    'short info begins',
    'short warn shared',
    'short info ends',
    'long warn shared',
    'long info ends',
  ])
})
