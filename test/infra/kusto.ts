import { dirname, join } from 'node:path'
import tables from '../../infra/queries/tables.json'

/** The part of the Kusto language service that is used here; it ships no types for its bridge. */
interface Kusto {
  readonly KustoCode: { ParseAndAnalyze(text: string, globals: unknown): Code }
  readonly GlobalState: { readonly Default: { WithDatabase(database: unknown): unknown } }
  readonly Symbols: {
    readonly TableSymbol: { readonly $ctor7: new (name: string, schema: string, description: null) => unknown }
    readonly DatabaseSymbol: { readonly $ctor1: new (name: string, members: unknown[], open: boolean) => unknown }
  }
}

interface Listed<T> {
  readonly Count: number
  getItem(index: number): T
}

interface Code {
  GetDiagnostics(): Listed<{ readonly Code: string; readonly Message: string; readonly Start: number }>
  readonly ResultType: {
    readonly Columns?: Listed<{ readonly Name: string; readonly Type: { readonly Name: string } }>
  } | null
}

/** What is wrong with a query, and the columns it answers with, by name. */
export interface Analysis {
  readonly faults: readonly string[]
  readonly columns: Readonly<Record<string, string>>
}

/** The language service puts itself on `globalThis`; its main file fails without the bridge, so both are loaded here. */
function load(): Kusto {
  const folder = dirname(require.resolve('@kusto/language-service-next/package.json'))
  for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) jest.requireActual(join(folder, file))
  return (globalThis as unknown as { Kusto: { Language: Kusto } }).Kusto.Language
}

const kusto = load()
const columns = (schema: Readonly<Record<string, string>>) =>
  Object.entries(schema).map(([column, type]) => `['${column}']: ${type}`)
const symbols = Object.entries(tables).map(
  ([name, schema]) => new kusto.Symbols.TableSymbol.$ctor7(name, `(${columns(schema).join(', ')})`, null),
)
const workspace = kusto.GlobalState.Default.WithDatabase(
  new kusto.Symbols.DatabaseSymbol.$ctor1('workspace', symbols, false),
)

/** Checks a query against the tables of the workspace, as the service would before it runs it. */
export function analyse(text: string): Analysis {
  const code = kusto.KustoCode.ParseAndAnalyze(text, workspace)
  const faults = items(code.GetDiagnostics()).map(({ Code, Message, Start }) => {
    const line = text.slice(0, Start).split('\n').length
    return `line ${line}: ${Message} (${Code})`
  })
  const answered = items(code.ResultType?.Columns).map(({ Name, Type }) => [Name, Type.Name] as const)
  // A text of comments alone is no fault to the service, nor an answer to anybody.
  return {
    faults: answered.length > 0 ? faults : [...faults, 'answers with no columns'],
    columns: Object.fromEntries(answered),
  }
}

function items<T>(list: Listed<T> | undefined): readonly T[] {
  return Array.from({ length: list?.Count ?? 0 }, (_, index) => list?.getItem(index)).filter(
    (item) => item !== undefined,
  )
}
