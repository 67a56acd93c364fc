#!/usr/bin/env bash
# HyperLogLog of bloom-filters gives half of the count while the count is below about twice its registers.
#
# Versions: bloom-filters 3.0.4 (npm)
# Guess: within five per cent with 1,024 registers (the standard error is 3.3 per cent).
# Seen: a thousand distinct customers count as about 483, a hundred as 48; five thousand are right. More registers
#   make it worse: 4,096 halve five thousand too.
# Who meets it: distinct customers per store and day, which are just of that size.
# Instead: another library, or a KMV / theta sketch.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact bloom-filters@3.0.4 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import bloom from 'bloom-filters';

const count = (registers, customers) => {
  const sketch = new bloom.HyperLogLog(registers);
  for (let i = 0; i < customers; i += 1) sketch.update(`customer-${i}`);
  return Math.round(sketch.count());
};
for (const [registers, customers] of [[1024, 100], [1024, 1000], [1024, 5000], [4096, 5000]])
  console.log(`${registers} registers, ${customers} customers: ${count(registers, customers)}`);
PROBE

cat > expected <<'SEEN'
1024 registers, 100 customers: 48
1024 registers, 1000 customers: 483
1024 registers, 5000 customers: 5031
4096 registers, 5000 customers: 2507
SEEN

node probe.mjs > seen
echo "bloom-filters@3.0.4, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
