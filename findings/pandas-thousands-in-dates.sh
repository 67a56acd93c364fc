#!/usr/bin/env bash
# pandas, told how Germans write numbers, makes a number of the date beside them.
#
# Versions: pandas 3.1.1 (PyPI)
# Guess: thousands='.' concerns columns that are numbers; a column of 05.03.2026 stays text.
# Seen: the dates are the integers 5032026 and 12032026, the article number 12.34.56 is 123456, the time 10.30 is 1030,
#   without a warning: a group may have any number of digits.
# Who meets it: whoever reads a German, Austrian or Swiss till's export with sep=';', decimal=',', thousands='.'.
# Instead: dtype=str and convert column by column, or parse_dates with date_format, which is asked before.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check pandas==3.1.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import io
import pandas

export = 'Datum;Zeit;Artikel;Preis\n05.03.2026;10.30;12.34.56;1.212,50\n12.03.2026;9.05;1.2.3;7,95\n'
options = {'sep': ';', 'decimal': ','}
for more in ({}, {'thousands': '.'}, {'thousands': '.', 'parse_dates': ['Datum'], 'date_format': '%d.%m.%Y'}):
    read = pandas.read_csv(io.StringIO(export), **options, **more)
    print(list(more), [[str(cell) for cell in row] for row in read.astype(object).values.tolist()])
PROBE

cat > expected <<'SEEN'
[] [['05.03.2026', '10.30', '12.34.56', '1.212,50'], ['12.03.2026', '9.05', '1.2.3', '7,95']]
['thousands'] [['5032026', '1030', '123456', '1212.5'], ['12032026', '905', '123', '7.95']]
['thousands', 'parse_dates', 'date_format'] [['2026-03-05 00:00:00', '1030', '123456', '1212.5'], ['2026-03-12 00:00:00', '905', '123', '7.95']]
SEEN

venv/bin/python probe.py > seen
echo "pandas==3.1.1, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
