#!/usr/bin/env bash
# frictionless takes amounts with a decimal comma for places on the map.
#
# Versions: frictionless 5.21.0 (PyPI)
# Guess: a column that fits no number is text (noted for article numbers; those it reads as numbers).
# Seen: the semicolon is found, the column is a geopoint, and "12,50" is longitude 12, latitude 50. The article number
#   00123 is the integer 123.
# Who meets it: exports of shops in most of Europe that are described with frictionless before they are loaded.
# Instead: write the schema: {"type": "number", "decimalChar": ","} and {"type": "string"} for codes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check frictionless==5.21.0 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
from frictionless import describe, extract

open('lines.csv', 'w').write('sku;price\n00123;1,75\n00077;12,50\n')
print(', '.join(f'{field.name} {field.type}' for field in describe('lines.csv').schema.fields))
for row in extract('lines.csv')['lines']:
    print(row['sku'], row['price'])
PROBE

cat > expected <<'SEEN'
sku integer, price geopoint
123 [1.0, 75.0]
77 [12.0, 50.0]
SEEN

venv/bin/python probe.py > seen
echo "frictionless==5.21.0, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
