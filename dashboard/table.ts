import { csvText, type Value } from './csv'

/** A cell: what the page shows, and what a file of it holds. */
export interface Cell {
  readonly shown: string
  readonly value: Value
}

/** The figures behind a chart. */
export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The table as a CSV file. */
export function tableCsv({ header, rows }: Table): string {
  return csvText(
    header,
    rows.map((row) => row.map(({ value }) => value)),
  )
}

/** Name of a file with a card's figures, `tillstream-hours-2026-11-29-1403.csv`; `local` is the business time of the figures. */
export function fileName(card: string, local: string | null, ending: string): string {
  const stamp = local === null ? '' : `-${local.slice(0, 16).replace(' ', '-').replace(':', '')}`
  return `tillstream-${card}${stamp}.${ending}`
}
