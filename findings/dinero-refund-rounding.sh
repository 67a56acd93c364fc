#!/usr/bin/env bash
# dinero.js rounds a sale and its refund to different cents.
#
# Versions: dinero.js 2.0.2 (npm)
# Guess: the default of transformScale cuts or rounds the size of the amount, and halfUp is the half-up of shops, so a
#   refund is the sale with its sign changed.
# Seen: the default goes down on the number line: 1.001 becomes 1.00 and -1.001 becomes -1.01. halfUp makes 1.01 of
#   1.005 and -1.00 of -1.005. Only halfEven, halfOdd, halfTowardsZero and halfAwayFromZero are symmetric.
# Who meets it: tax and shares of discounts on returns: the pair leaves a cent, always to one side.
# Instead: transformScale(amount, 2, halfAwayFromZero) or halfEven, named in every call.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact dinero.js@2.0.2 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import * as dinero from 'dinero.js';
import { EUR } from 'dinero.js/currencies';

const rounded = (amount, rule) => {
  const exact = dinero.dinero({ amount, currency: EUR, scale: 3 });
  return dinero.toDecimal(rule === undefined ? dinero.transformScale(exact, 2) : dinero.transformScale(exact, 2, dinero[rule]));
};
for (const rule of [undefined, 'halfUp', 'halfEven', 'halfAwayFromZero'])
  console.log(`${rule ?? 'default'}: ${[1001, -1001, 1005, -1005].map((amount) => rounded(amount, rule)).join(' ')}`);
PROBE

cat > expected <<'SEEN'
default: 1.00 -1.01 1.00 -1.01
halfUp: 1.00 -1.00 1.01 -1.00
halfEven: 1.00 -1.00 1.00 -1.00
halfAwayFromZero: 1.00 -1.00 1.01 -1.01
SEEN

node probe.mjs > seen
echo "dinero.js@2.0.2, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
