// Tested in test/tools/query/output.test.ts.
import { duckTypes } from '../../src/lake/duckdb'
import { type Snapshot } from '../../src/lake/log/snapshot'
import { type Answer, type AnswerColumn } from './answer'

/** The columns of a table as its metadata has them; after them those that cannot be asked for, and why. */
export function columnsAnswer({ schema }: Snapshot): Answer {
  const text = (name: string): AnswerColumn => ({ name, type: 'VARCHAR', kind: 'text' })
  const rows = schema.columns.map(({ name, type, nullable, comment }) => {
    const notes = [nullable ? 'may be null' : '', schema.partitionBy.includes(name) ? 'partition' : '']
    return [name, duckTypes[type], notes.filter((note) => note !== '').join(', '), comment ?? '']
  })
  const foreign = (schema.foreign ?? []).map(({ name, because }) => {
    return [name, null, `not readable here, because ${because}`, '']
  })
  return {
    columns: [text('column'), text('type'), text('notes'), text('meaning')],
    // eslint-disable-next-line @typescript-eslint/require-await -- an answer is asynchronous, an array is not
    rows: (async function* () {
      yield* rows
      yield* foreign
    })(),
  }
}
