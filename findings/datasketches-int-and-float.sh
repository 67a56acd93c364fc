#!/usr/bin/env bash
# Sketches of DataSketches count customer 7 and customer 7.0 as two.
#
# Versions: datasketches 5.2.0 (PyPI)
# Guess: update(7) and update(7.0) are one item in theta, HLL and CPC.
# Seen: integers and floats hash apart, so the union of two days counts each customer twice where one day's column
#   became float; the union of two correct sketches is wrong by a factor of two. Empty strings are not counted at all.
# Who meets it: daily customer sketches: one line without a customer turns the pandas column into float64 for that
#   day.
# Instead: sketch text (str(int(id))) or cast to one type (Int64) before update.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check datasketches==5.2.0 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import datasketches as ds

monday = [id for id in range(1, 501)]
tuesday = [float(id) for id in monday]  # as pandas gives them where one line has no customer

def theta(column):
    sketch = ds.update_theta_sketch(12)
    for value in column:
        sketch.update(value)
    return sketch

union = ds.theta_union(12)
for day in (monday, tuesday):
    sketch = theta(day)
    print('theta', type(day[0]).__name__, round(sketch.get_estimate()))
    union.update(sketch)
print('theta, both days', round(union.get_result().get_estimate()))
for name, make in (('hll', ds.hll_sketch), ('cpc', ds.cpc_sketch)):
    sketch = make(12)
    for value in (7, 7.0, '7', ''):
        sketch.update(value)
    print(name, 'of 7, 7.0, "7" and ""', round(sketch.get_estimate()))
PROBE

cat > expected <<'SEEN'
theta int 500
theta float 500
theta, both days 1000
hll of 7, 7.0, "7" and "" 3
cpc of 7, 7.0, "7" and "" 3
SEEN

venv/bin/python probe.py > seen
echo "datasketches==5.2.0, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
