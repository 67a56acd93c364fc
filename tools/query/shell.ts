// Tested in test/tools/query/output.test.ts.
import { createInterface, type Interface } from 'node:readline'
import { type Readable, type Writable } from 'node:stream'
import { reasonOf } from '../../src/reason'
import { type At, instantText, parseAt } from './at'
import { unknownTable, type Session } from './session'
import { complete, dotCommands, type Names, namesOf } from './completion'
import { gridOf } from './grid'
import { joinNewest, readHistory, writeHistory } from './history'
import { near } from './near'
import { type Paint } from './paint'
import { printableLines } from './printable'
import { splitStatements } from './statements'
import { tablesAnswer } from './tables-answer'
import { columnsAnswer } from './columns-answer'
import { columnsOf } from './terminal'

/** What a shell talks through. */
export interface ShellOptions {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly paint: Paint
  readonly historyFile: string
  /** Rows shown of an answer, 0 for all. */
  readonly limit: number
  readonly at?: At | undefined
  /** The page of a day, of the newest when none is named. */
  readonly report: (date: string | undefined) => Promise<string>
}

/** What changes while a shell runs. */
interface State {
  at: At | undefined
  limit: number
  /** Lines of a statement that has not come to its semicolon. */
  pending: string
  isBusy: boolean
}

const firstPrompt = 'lake> '
const nextPrompt = '   -> '

/**
 * Reads statements and dot commands until the input ends or says `.quit`, and answers each. A statement ends with `;`, and
 * the last one with the input. An error is shown and does not end it. Returns how many there were.
 */
export async function runShell(session: Session, options: ShellOptions): Promise<{ answered: number; failed: number }> {
  const { input, output, paint } = options
  const isInteractive = input.isTTY === true && output.isTTY === true
  const state: State = { at: options.at, limit: options.limit, pending: '', isBusy: false }
  const lines = openLines(session, options, state)
  const say = (text: string) => void output.write(`${text}\n`)
  const counts = { answered: 0, failed: 0 }
  const answer = async (work: () => Promise<string>) => {
    state.isBusy = true
    try {
      say(await work())
      counts.answered++
    } catch (error) {
      say(paint('red', printableLines(reasonOf(error))))
      counts.failed++
    } finally {
      state.isBusy = false
    }
  }
  const prompt = () => {
    if (!isInteractive) return
    lines.setPrompt(state.pending === '' ? paint('bold', firstPrompt) : paint('dim', nextPrompt))
    lines.prompt()
  }
  const told = lines[Symbol.asyncIterator]()
  if (isInteractive) say(paint('dim', 'SQL over the lake; statements end with ;  .help helps, .quit leaves'))
  prompt()
  for (let line = await told.next(); line.done !== true; line = await told.next()) {
    if (state.pending === '' && line.value.trim().startsWith('.')) {
      if (/^\s*\.(?:quit|exit)\b/.test(line.value)) break
      await answer(() => runDot(session, line.value.trim(), { options, state }))
    } else {
      const { statements, rest, isBlank } = splitStatements(`${state.pending}${line.value}\n`)
      state.pending = isBlank ? '' : rest
      for (const sql of statements) await answer(() => show(session, sql, { options, state }))
    }
    prompt()
  }
  lines.close()
  if (state.pending.trim() !== '') await answer(() => show(session, state.pending.trim(), { options, state }))
  return counts
}

/** Opens the lines of the input: with editing, history and completion on a terminal. */
function openLines(session: Session, { input, output, historyFile }: ShellOptions, state: State): Interface {
  const isInteractive = input.isTTY === true && output.isTTY === true
  if (!isInteractive) return createInterface({ input, terminal: false })
  let names: Names = new Map()
  // What there is to complete is worth no waiting.
  void namesOf(session.catalog).then(
    (found) => (names = found),
    () => undefined,
  )
  const lines = createInterface({
    input,
    output,
    history: readHistory(historyFile),
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, { names, before: entered }),
  })
  // What stands before a line as it is entered: answers to lines pasted before it may be far behind.
  let entered = ''
  lines.on('history', (history) => {
    joinNewest(history, entered)
    writeHistory(historyFile, history)
  })
  lines.on('line', (line) => {
    const { rest, isBlank } = splitStatements(`${entered}${line}\n`)
    entered = isBlank || (entered === '' && line.trim().startsWith('.')) ? '' : rest
  })
  lines.on('SIGINT', () => {
    output.write('\n')
    if (state.isBusy) return session.interrupt()
    state.pending = entered = ''
    // What stands on the line goes with what came before it.
    lines.write(null, { ctrl: true, name: 'e' })
    lines.write(null, { ctrl: true, name: 'u' })
    lines.setPrompt(firstPrompt)
    lines.prompt()
  })
  return lines
}

interface Around {
  readonly options: ShellOptions
  readonly state: State
}

async function show(session: Session, sql: string, { options, state }: Around): Promise<string> {
  const answer = await session.ask(sql, { at: state.at })
  const limits = { rows: state.limit, columns: columnsOf(options.output) }
  return (await gridOf(answer, { limits, paint: options.paint })).text
}

const help = `.tables        the lake's tables
.schema TABLE  its columns, their types and what they mean
.at            which state is asked: .at 57, .at 2010-12-01T08:30:00Z, .at now
.limit N       rows shown of an answer, 0 for all
.report [DATE] the day's figures on one page
.help, .quit
Anything else is SQL (DuckDB's) and ends with ;  Tab completes, Ctrl-C drops what is typed or stops what runs.`

async function runDot(session: Session, line: string, { options, state }: Around): Promise<string> {
  const [command = '', ...rest] = line.replace(/;\s*$/, '').split(/\s+/)
  const argument = rest.join(' ')
  const limits = { rows: 0, columns: columnsOf(options.output) }
  switch (command as (typeof dotCommands)[number]) {
    case '.tables':
      return (await gridOf(await tablesAnswer(session.catalog), { limits, paint: options.paint })).text
    case '.schema':
      return (await gridOf(await schemaAnswer(session, argument, state.at), { limits, paint: options.paint })).text
    case '.at':
      if (argument !== '') state.at = argument === 'now' ? undefined : parseAt(argument)
      return atText(state.at)
    case '.limit':
      if (/^\d+$/.test(argument)) state.limit = Number(argument)
      else if (argument !== '') throw new Error(`.limit: expected a whole number, 0 for all rows, got "${argument}"`)
      return state.limit === 0 ? 'all rows are shown' : `the first ${state.limit} rows are shown`
    case '.report':
      if (state.at) throw new Error('report: it is of now, as PostgreSQL has it; say .at now first')
      return options.report(argument === '' ? undefined : argument)
    case '.help':
      return help
    case '.quit':
      return ''
    default: {
      const [meant] = near(command, dotCommands)
      throw new Error(
        `${command}: no such command${meant === undefined ? '' : `; did you mean ${meant}?`} .help lists them`,
      )
    }
  }
}

async function schemaAnswer(session: Session, name: string, at: At | undefined) {
  if (name === '') throw new Error('.schema: expected a table, .tables lists them')
  const table = await session.catalog.find(name)
  if (!table) throw await unknownTable(session.catalog, name)
  return columnsAnswer(await session.catalog.snapshot(table, at))
}

function atText(at: At | undefined): string {
  if (!at) return 'tables are asked as they are now'
  return at.kind === 'version'
    ? `the table asked is read at version ${at.version}; .at now goes back`
    : `tables are read as of ${instantText(at.timestampMs)}; .at now goes back`
}
