#!/usr/bin/env bash
# price-parser drops the sign of refunds and multiplies three-decimal prices and weights by a thousand.
#
# Versions: price-parser 0.5.1 (PyPI)
# Guess: "-5,50" is -5.50; three digits behind the only separator may be read either way, but "0,485" can only be a
#   fraction.
# Seen: "-5,50", "5,50-" and "(5.50)" are all 5.50; "KD 1.255" (Kuwait has three decimals) is 1255, and "0,485 kg" is
#   485.
# Who meets it: exports with refunds as negative amounts, accounting brackets, dinars, weighed articles.
# Instead: decide separator and sign per column from the map; price-parser suits web shops' price tags only.
#   decimal_separator="." or "," settles the places, not the sign.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check price-parser==0.5.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
from price_parser import Price

for text in ('5,50', '-5,50', '5,50-', '(5.50)', 'KD 1.255', '0,485 kg'):
    print(f'{text:9}', Price.fromstring(text).amount)
print('with decimal_separator', Price.fromstring('KD 1.255', decimal_separator='.').amount, Price.fromstring('-5,50', decimal_separator=',').amount)
PROBE

cat > expected <<'SEEN'
5,50      5.50
-5,50     5.50
5,50-     5.50
(5.50)    5.50
KD 1.255  1255
0,485 kg  485
with decimal_separator 1.255 5.50
SEEN

venv/bin/python probe.py > seen
echo "price-parser==0.5.1, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
