// Tested in test/tools/query/output.test.ts.
import { duckTypes } from '../../src/lake/duckdb'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Answer, type AnswerColumn } from './answer'

/** The columns of a table as its metadata has them. */
export function columnsAnswer({ schema }: Snapshot): Answer {
  const text = (name: string): AnswerColumn => ({ name, type: 'VARCHAR', kind: 'text' })
  const rows = schema.columns.map(({ name, type, nullable, comment }) => {
    const notes = [nullable ? 'may be null' : '', schema.partitionBy.includes(name) ? 'partition' : '']
    return [name, duckTypes[type], notes.filter((note) => note !== '').join(', '), comment ?? '']
  })
  return {
    columns: [text('column'), text('type'), text('notes'), text('meaning')],
    // eslint-disable-next-line @typescript-eslint/require-await -- an answer is asynchronous, an array is not
    rows: (async function* () {
      yield* rows
    })(),
  }
}
