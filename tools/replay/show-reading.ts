import { basename } from 'node:path'
import { type CsvReading } from '../../generator/csv/source'

/** What people should know of how a file was read, a line each; none where nothing had to be decided. */
export function showReading({ file, joins, repeated, skipped }: CsvReading): readonly string[] {
  const count = (value: number) => value.toLocaleString('en-GB')
  const twice = repeated.first + repeated.second
  const notes = [
    ...joins.flatMap((join) => [
      ...(join.unmatched > 0 ? [`${count(join.unmatched)} rows have no partner in ${join.file}`] : []),
      ...(join.surplus > 0 ? [`${count(join.surplus)} rows of ${join.file} have a key that came before`] : []),
    ]),
    ...(twice > 0
      ? [`${count(twice)} times are in an hour that comes twice, ${count(repeated.second)} of them the second time`]
      : []),
    ...(skipped > 0 ? [`${count(skipped)} times are in an hour that the clocks skip`] : []),
  ]
  return notes.map((note) => `${basename(file)}: ${note}`)
}
