#!/usr/bin/env bash
# Apache Arrow for JavaScript gives a decimal without its scale: a price is a hundred times too high.
#
# Versions: apache-arrow 21.2.0 (npm), pyarrow 26.0.1 (PyPI)
# Guess: 19.99 in a decimal(10,2) column prints "19.99", and Number() of it is 19.99.
# Seen: String, Number and JSON all give 1999; only the type in the schema knows the scale. Sums are a hundred times
#   too high without an error.
# Who meets it: a TypeScript page or service that reads Arrow IPC which Polars, DuckDB or pyarrow made from
#   decimal(p,2) columns.
# Instead: divide by 10 ** field.type.scale (as text or BigInt for large sums), or send money as integer cents.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact apache-arrow@21.2.0 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check pyarrow==26.0.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

venv/bin/python - <<'PY'
from decimal import Decimal
import pyarrow as pa

table = pa.table({'price': pa.array([Decimal('19.99'), Decimal('-1.05'), Decimal('0.05')], pa.decimal128(10, 2))})
with pa.OSFile('prices.arrow', 'wb') as file, pa.ipc.new_stream(file, table.schema) as writer:
    writer.write_table(table)
PY

cat > probe.mjs <<'PROBE'
import { readFileSync } from 'node:fs';
import { tableFromIPC } from 'apache-arrow';

const table = tableFromIPC(readFileSync('prices.arrow'));
const price = table.getChild('price');
console.log(String(price.type), 'scale', price.type.scale);
for (const value of price) console.log(String(value), Number(value), JSON.stringify({ value }));
PROBE

cat > expected <<'SEEN'
Decimal[10e+2] scale 2
1999 1999 {"value":"\"1999\""}
-105 -105 {"value":"\"-105\""}
5 5 {"value":"\"5\""}
SEEN

node probe.mjs > seen
echo "apache-arrow@21.2.0, pyarrow==26.0.1, node $(node --version), $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
