#!/usr/bin/env bash
# csvkit multiplies amounts with a decimal comma by a hundred.
#
# Versions: csvkit 2.2.0, agate 1.14.2 (PyPI)
# Guess: not noted before the run, but expected: a tool that finds the semicolon leaves "12,50" as text, or reads
#   12.5.
# Seen: the semicolon is found, and csvjson gives 1250.0 without a word: the comma is taken for a thousands separator
#   wherever it stands.
# Who meets it: exports of shops in most of Europe.
# Instead: --locale de_DE, or -I and convert by the map.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check csvkit==2.2.0 agate==1.14.2 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import json, subprocess

open('lines.csv', 'w').write('sku;price\nMUG;1,75\nPLATE;12,50\n')
for flags in ([], ['--locale', 'de_DE'], ['-I']):
    rows = subprocess.run(['venv/bin/csvjson', *flags, 'lines.csv'], capture_output=True, text=True, check=True).stdout
    print('csvjson', *flags, [row['price'] for row in json.loads(rows)])
PROBE

cat > expected <<'SEEN'
csvjson [175.0, 1250.0]
csvjson --locale de_DE [1.75, 12.5]
csvjson -I ['1,75', '12,50']
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
