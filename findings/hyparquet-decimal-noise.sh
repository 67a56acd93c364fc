#!/usr/bin/env bash
# hyparquet gives decimals as floats that are not the nearest to what was stored.
#
# Versions: hyparquet 1.31.5, hyparquet-writer 0.17.0 (npm)
# Guess: a decimal(9,2) of 19.99 reads as the number 19.99, and one with 19 digits as text or exactly.
# Seen: it is multiplied by 0.01: 19.99 reads as 19.990000000000002 (so === 19.99 is false), and so do 4.35, 1.15 and
#   0.57; sums of many digits lose their cents. The bytes in the file are right.
# Who meets it: readers of gold tables in TypeScript that compare, group or join on amounts, or look a price up in a
#   Map.
# Instead: round to the scale in the schema at once (Math.round(value * 100)), or read the column as integers of
#   cents.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact hyparquet@1.31.5 hyparquet-writer@0.17.0 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';

const prices = [19.99, 4.35, 1.15, 0.57, 8.2];
const file = parquetWriteBuffer({
  columnData: [{ name: 'price', data: prices }],
  schema: [
    { name: 'root', num_children: 1 },
    { name: 'price', type: 'INT32', converted_type: 'DECIMAL', precision: 9, scale: 2, repetition_type: 'REQUIRED' },
  ],
});
const rows = await parquetReadObjects({ file });
for (const [i, { price }] of rows.entries()) console.log(prices[i], price, price === prices[i], Math.round(price * 100));
PROBE

cat > expected <<'SEEN'
19.99 19.990000000000002 false 1999
4.35 4.3500000000000005 false 435
1.15 1.1500000000000001 false 115
0.57 0.5700000000000001 false 57
8.2 8.2 true 820
SEEN

node probe.mjs > seen
echo "hyparquet@1.31.5, hyparquet-writer@0.17.0, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
