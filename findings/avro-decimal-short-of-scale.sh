#!/usr/bin/env bash
# The Avro writer of Apache for Python stores a decimal with fewer places than its schema as if it had them all.
#
# Versions: avro 1.12.2, fastavro 1.13.1 (PyPI)
# Guess: 1.5 under scale 2 is stored as 1.50.
# Seen: 1.5 is stored as 0.15, 20 as 0.20, -3 as -0.03, and no error; only values with exactly two places are right.
#   fastavro writes all of them rightly. More places than the scale raise in both.
# Who meets it: whoever writes prices from Python (Decimal("20") from an API, a normalised Decimal) to an Avro topic
#   or file that the lake loads.
# Instead: quantize to the scale before writing, or write with fastavro.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check avro==1.12.2 fastavro==1.13.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import io, json
from decimal import Decimal
import avro.datafile, avro.io, avro.schema, fastavro

amount = {'type': 'bytes', 'logicalType': 'decimal', 'precision': 10, 'scale': 2}
schema = {'type': 'record', 'name': 'line', 'fields': [{'name': 'amount', 'type': amount}]}
rows = [{'amount': Decimal(text)} for text in ('19.99', '1.5', '20', '-3')]

apache = io.BytesIO()
writer = avro.datafile.DataFileWriter(apache, avro.io.DatumWriter(), avro.schema.parse(json.dumps(schema)))
for row in rows:
    writer.append(row)
writer.flush()
fast = io.BytesIO()
fastavro.writer(fast, schema, rows)

print('given   ', *[row['amount'] for row in rows])
for name, file in (('avro', apache), ('fastavro', fast)):
    file.seek(0)
    print(f'{name:8}', *[row['amount'] for row in fastavro.reader(file)])
PROBE

cat > expected <<'SEEN'
given    19.99 1.5 20 -3
avro     19.99 0.15 0.20 -0.03
fastavro 19.99 1.50 20.00 -3.00
SEEN

venv/bin/python probe.py > seen
echo "avro==1.12.2, fastavro==1.13.1, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
