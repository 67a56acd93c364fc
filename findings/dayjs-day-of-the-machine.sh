#!/usr/bin/env bash
# Where a day of a store begins depends, in Day.js, on the zone of the machine that asks.
#
# Versions: dayjs 1.11.23 (npm)
# Guess: not noted before the run, but expected: dayjs(instant).tz(zone).startOf('day') is one instant wherever it runs.
# Seen: on a machine in UTC it is midnight of the store. On one in New York the first London hour of 29 March gets the
#   day before, and every hour of 25 October after the change a day that begins an hour late; startOf('hour') of 00:30
#   is 23:00 of the day before. A machine in Berlin puts the second pass of 01:00 into the first.
# Who meets it: daily sums made on a laptop, a CI runner and a server that are not all in UTC.
# Instead: run with TZ=UTC, which is what was right here, or take the offset from Intl.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact dayjs@1.11.23 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import dayjs from 'dayjs';
import utc from 'dayjs/plugin/utc.js';
import timezone from 'dayjs/plugin/timezone.js';

dayjs.extend(utc);
dayjs.extend(timezone);
const startOf = (unit, at) => dayjs(at).tz('Europe/London').startOf(unit).toISOString();
console.log(process.env.TZ);
for (const at of ['2026-03-29T00:30:00Z', '2026-10-25T01:30:00Z', '2026-10-25T12:30:00Z', '2026-07-01T12:30:00Z']) {
  console.log(' ', at, 'day', startOf('day', at), 'hour', startOf('hour', at));
}
PROBE

cat > expected <<'SEEN'
UTC
  2026-03-29T00:30:00Z day 2026-03-29T00:00:00.000Z hour 2026-03-29T00:00:00.000Z
  2026-10-25T01:30:00Z day 2026-10-24T23:00:00.000Z hour 2026-10-25T01:00:00.000Z
  2026-10-25T12:30:00Z day 2026-10-24T23:00:00.000Z hour 2026-10-25T12:00:00.000Z
  2026-07-01T12:30:00Z day 2026-06-30T23:00:00.000Z hour 2026-07-01T12:00:00.000Z
America/New_York
  2026-03-29T00:30:00Z day 2026-03-28T23:00:00.000Z hour 2026-03-28T23:00:00.000Z
  2026-10-25T01:30:00Z day 2026-10-25T00:00:00.000Z hour 2026-10-25T01:00:00.000Z
  2026-10-25T12:30:00Z day 2026-10-25T00:00:00.000Z hour 2026-10-25T12:00:00.000Z
  2026-07-01T12:30:00Z day 2026-06-30T23:00:00.000Z hour 2026-07-01T12:00:00.000Z
Europe/Berlin
  2026-03-29T00:30:00Z day 2026-03-29T00:00:00.000Z hour 2026-03-29T00:00:00.000Z
  2026-10-25T01:30:00Z day 2026-10-24T23:00:00.000Z hour 2026-10-25T00:00:00.000Z
  2026-10-25T12:30:00Z day 2026-10-24T23:00:00.000Z hour 2026-10-25T12:00:00.000Z
  2026-07-01T12:30:00Z day 2026-06-30T23:00:00.000Z hour 2026-07-01T12:00:00.000Z
SEEN

for zone in UTC America/New_York Europe/Berlin; do TZ=$zone node probe.mjs; done > seen
echo "dayjs@1.11.23, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
