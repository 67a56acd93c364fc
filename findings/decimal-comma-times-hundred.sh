#!/usr/bin/env bash
# Two CSV tools find the semicolon and then misread the decimal comma: one multiplies by a hundred, the other sees a
# place on the map.
#
# Versions: csvkit 2.2.0, agate 1.14.2, frictionless 5.21.0 (PyPI)
# Guess: not noted before the run, but expected: a tool that finds ; leaves "12,50" as text, or reads 12.5.
# Seen: csvjson gives 1250.0: the comma is taken for a thousands separator wherever it stands. frictionless calls the
#   column a geopoint and gives [12.0, 50.0]. No error in either.
# Who meets it: exports of shops in most of Europe.
# Instead: csvkit: --locale de_DE, or -I and convert by the map; frictionless: a schema with decimalChar ",".
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check csvkit==2.2.0 agate==1.14.2 frictionless==5.21.0 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import json, subprocess
from frictionless import Schema, describe, extract

open('lines.csv', 'w').write('sku;price\nMUG;1,75\nPLATE;12,50\n')
csvkit = subprocess.run(['venv/bin/csvjson', 'lines.csv'], capture_output=True, text=True, check=True).stdout
print('csvkit      ', [row['price'] for row in json.loads(csvkit)])
print('frictionless', describe('lines.csv').schema.get_field('price').type, [row['price'] for row in extract('lines.csv')['lines']])
PROBE

cat > expected <<'SEEN'
csvkit       [175.0, 1250.0]
frictionless geopoint [[1.0, 75.0], [12.0, 50.0]]
SEEN

venv/bin/python probe.py > seen
echo "csvkit==2.2.0, agate==1.14.2, frictionless==5.21.0, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
