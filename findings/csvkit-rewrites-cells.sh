#!/usr/bin/env bash
# csvsort and csvjoin rewrite cells of columns that they were not asked about.
#
# Versions: csvkit 2.2.0, agate 1.14.2 (PyPI)
# Guess: sorting by day gives the same cells in another order.
# Seen: a column of ones and zeros becomes True and False, the codes 3d, 4m, 8h become durations, 00123 becomes 123
#   and n/a an empty cell.
# Who meets it: whoever sorts or joins a shop's export on the command line before it is replayed: quantities are then
#   words, and article numbers others.
# Instead: give --no-inference (-I) to every csvkit command.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check csvkit==2.2.0 agate==1.14.2 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import subprocess

open('lines.csv', 'w').write('sku,quantity,shelf,day\n00123,1,3d,2026-03-05\n00077,0,4m,2026-03-04\n00045,1,8h,2026-03-06\n')
for flags in ([], ['-I']):
    print('csvsort', *flags, '-c day')
    print(subprocess.run(['venv/bin/csvsort', *flags, '-c', 'day', 'lines.csv'], capture_output=True, text=True, check=True).stdout, end='')
PROBE

cat > expected <<'SEEN'
csvsort -c day
sku,quantity,shelf,day
77,False,0:04:00,2026-03-04
123,True,"3 days, 0:00:00",2026-03-05
45,True,8:00:00,2026-03-06
csvsort -I -c day
sku,quantity,shelf,day
00077,0,4m,2026-03-04
00123,1,3d,2026-03-05
00045,1,8h,2026-03-06
SEEN

venv/bin/python probe.py > seen
echo "csvkit==2.2.0, agate==1.14.2, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
