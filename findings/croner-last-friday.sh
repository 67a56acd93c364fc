#!/usr/bin/env bash
# croner 9 takes "5L", the last Friday of the month, for every Friday; croner 11 and cron-parser do not.
#
# Versions: croner 9.1.0, croner 11.0.0, cron-parser 5.10.5 (npm)
# Guess: not noted before the run, but expected: the last Friday in all three, or an error where the form is not
#   known.
# Seen: croner 9 runs on every Friday, without a word; croner 11 and cron-parser on the last one. "5#L" is the last
#   Friday in both croner versions, and cron-parser refuses it.
# Who meets it: month-end jobs whose schedule came from Quartz or cron-parser: they run four or five times a month,
#   and an upgrade of croner changes that back.
# Instead: croner: 5#L. Assert the next few runs of a schedule in a test.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact croner9@npm:croner@9.1.0 croner11@npm:croner@11.0.0 cron-parser@5.10.5 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { Cron as Nine } from 'croner9';
import { Cron as Eleven } from 'croner11';
import { CronExpressionParser } from 'cron-parser';

const from = new Date('2026-07-26T00:00:00Z');
const runs = {
  'croner 9.1.0': (pattern) => new Nine(pattern, { timezone: 'UTC' }).nextRuns(4, from),
  'croner 11.0.0': (pattern) => new Eleven(pattern, { timezone: 'UTC' }).nextRuns(4, from),
  'cron-parser': (pattern) => {
    const schedule = CronExpressionParser.parse(pattern, { tz: 'UTC', currentDate: from });
    return [0, 1, 2, 3].map(() => schedule.next().toDate());
  },
};
for (const pattern of ['0 0 2 * * 5L', '0 0 2 * * 5#L'])
  for (const [name, next] of Object.entries(runs)) {
    let days;
    try {
      days = next(pattern).map((date) => date.toISOString().slice(5, 10)).join(' ');
    } catch {
      days = 'refused';
    }
    console.log(`${pattern}  ${name}  ${days}`);
  }
PROBE

cat > expected <<'SEEN'
0 0 2 * * 5L  croner 9.1.0  07-31 08-07 08-14 08-21
0 0 2 * * 5L  croner 11.0.0  07-31 08-28 09-25 10-30
0 0 2 * * 5L  cron-parser  07-31 08-28 09-25 10-30
0 0 2 * * 5#L  croner 9.1.0  07-31 08-28 09-25 10-30
0 0 2 * * 5#L  croner 11.0.0  07-31 08-28 09-25 10-30
0 0 2 * * 5#L  cron-parser  refused
SEEN

node probe.mjs > seen
echo "croner9@npm:croner@9.1.0, croner11@npm:croner@11.0.0, cron-parser@5.10.5, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
