#!/usr/bin/env bash
# delta-rs cuts fractions when floats are appended to a whole-number column.
#
# Versions: deltalake 1.6.6, pyarrow 26.0.1 (PyPI)
# Guess: a write whose schema differs raises, as it does for a decimal of more places.
# Seen: append and merge cast in silence and toward zero: 0.485 kg is stored as 0, 2.99 as 2, -1.9 as -1. A
#   decimal(10,3) into a decimal(10,2) column is refused.
# Who meets it: a quantity column that was whole pieces, and a writer whose frame became float because of one weighed
#   article or one missing value.
# Instead: compare the frame's schema with DeltaTable(path).schema() before a write; keep quantities as decimal(18,3)
#   from the start.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
from decimal import Decimal
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

def stored(path):
    return sorted((row['sku'], row['quantity']) for row in DeltaTable(path).to_pyarrow_table().to_pylist())

write_deltalake('lines', pa.table({'sku': ['MUG'], 'quantity': pa.array([1], pa.int64())}))
write_deltalake('lines', pa.table({'sku': ['APPLES', 'CHEESE', 'RETURN'], 'quantity': [0.485, 2.99, -1.9]}), mode='append')
print('append', stored('lines'))
source = pa.table({'sku': ['MUG'], 'quantity': [9.99]})
(DeltaTable('lines').merge(source, 's.sku = t.sku', source_alias='s', target_alias='t')
    .when_matched_update({'quantity': 's.quantity'}).execute())
print('merge ', stored('lines'))

write_deltalake('prices', pa.table({'price': pa.array([Decimal('1.25')], pa.decimal128(10, 2))}))
try:
    write_deltalake('prices', pa.table({'price': pa.array([Decimal('1.005')], pa.decimal128(10, 3))}), mode='append')
    print('decimal stored')
except Exception:
    print('decimal refused')
PROBE

cat > expected <<'SEEN'
append [('APPLES', 0), ('CHEESE', 2), ('MUG', 1), ('RETURN', -1)]
merge  [('APPLES', 0), ('CHEESE', 2), ('MUG', 9), ('RETURN', -1)]
decimal refused
SEEN

venv/bin/python probe.py > seen
echo "deltalake==1.6.6, pyarrow==26.0.1, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
