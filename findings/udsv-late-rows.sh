#!/usr/bin/env bash
# uDSV types a column by the first rows and converts later ones by force.
#
# Versions: udsv 0.7.3 (npm)
# Guess: a value that does not fit the inferred type stays text.
# Seen: after ten numeric article numbers "A-17" is NaN and "00123" is 123; a flag "unknown" is false; and a day
#   written 05.03.2026 under ISO days is 3 May.
# Who meets it: pages and tools that load a shop's CSV with it (it is by the author of uPlot, and often used beside
#   it).
# Instead: initParser(schema) with every column's type set to "s", then convert by the map.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact udsv@0.7.3 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { inferSchema, initParser } from 'udsv';

const lines = Array.from({ length: 12 }, (_, i) => `${1000 + i},true,2026-03-0${1 + (i % 9)}`);
const csv = ['sku,open,day', ...lines, 'A-17,unknown,05.03.2026', '00123,true,2026-03-06'].join('\n');
const schema = inferSchema(csv);
console.log(schema.cols.map(({ name, type }) => `${name} ${type}`).join(', '));
for (const row of initParser(schema).typedObjs(csv).slice(-2)) console.log(row.sku, row.open, row.day.toDateString());
PROBE

cat > expected <<'SEEN'
sku n, open b:true, day d
NaN false Sun May 03 2026
123 true Fri Mar 06 2026
SEEN

TZ=UTC node probe.mjs > seen
echo "udsv@0.7.3, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
