#!/usr/bin/env bash
# Which of two hours a receipt of the repeated hour is in: Luxon asks the calendar of today, date-fns the machine.
#
# Versions: luxon 3.7.2, date-fns 4.4.0, date-fns-tz 3.2.0, @date-fns/tz 1.5.0 (npm)
# Guess: a local time that comes twice is read as its first pass or its second, by each library always as the same.
#   Of Luxon it was known from an earlier run.
# Seen: Luxon gives the second pass in winter and the first in summer: a file read again in July says other instants
#   than it did in January. fromZonedTime gives the second on machines in UTC and Berlin and the first in New York,
#   TZDate of fields the second in UTC and New York and the first in Berlin.
# Who meets it: replays and backfills of tills that write local times, an hour a year; ids or windows made of the
#   instant then differ between two runs of one file.
# Instead: decide it from the order of the rows, and compute the offset from the zone alone (Temporal has
#   disambiguation: 'earlier' | 'later').
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact luxon@3.7.2 date-fns@4.4.0 date-fns-tz@3.2.0 @date-fns/tz@1.5.0 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { TZDate } from '@date-fns/tz';
import { fromZonedTime } from 'date-fns-tz';
import { DateTime, Settings } from 'luxon';

const zone = 'Europe/London';
const luxonOn = (today) => {
  // Luxon's own clock; it is Date.now unless set.
  Settings.now = () => Date.parse(today);
  return DateTime.fromISO('2026-10-25T01:30:00', { zone }).toUTC().toISO();
};
const tzDate = new Date(+new TZDate(2026, 9, 25, 1, 30, 0, zone));
console.log(process.env.TZ);
console.log('  luxon in January', luxonOn('2027-01-15'), 'in July', luxonOn('2027-07-15'));
console.log('  fromZonedTime   ', fromZonedTime('2026-10-25 01:30:00', zone).toISOString());
console.log('  TZDate          ', tzDate.toISOString());
PROBE

cat > expected <<'SEEN'
UTC
  luxon in January 2026-10-25T01:30:00.000Z in July 2026-10-25T00:30:00.000Z
  fromZonedTime    2026-10-25T01:30:00.000Z
  TZDate           2026-10-25T01:30:00.000Z
America/New_York
  luxon in January 2026-10-25T01:30:00.000Z in July 2026-10-25T00:30:00.000Z
  fromZonedTime    2026-10-25T00:30:00.000Z
  TZDate           2026-10-25T01:30:00.000Z
Europe/Berlin
  luxon in January 2026-10-25T01:30:00.000Z in July 2026-10-25T00:30:00.000Z
  fromZonedTime    2026-10-25T01:30:00.000Z
  TZDate           2026-10-25T00:30:00.000Z
SEEN

for zone in UTC America/New_York Europe/Berlin; do TZ=$zone node probe.mjs; done > seen
echo "luxon@3.7.2, date-fns@4.4.0, date-fns-tz@3.2.0, @date-fns/tz@1.5.0, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
