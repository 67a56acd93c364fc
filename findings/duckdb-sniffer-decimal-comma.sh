#!/usr/bin/env bash
# DuckDB splits a file of prices at the decimal comma, and loses the header.
#
# Versions: duckdb 2.0.1 (PyPI)
# Guess: not noted before the first run, but expected: a semicolon in every line is the delimiter, and "12,50" is text,
#   or 12.5 when decimal_separator=',' is given.
# Seen: where all columns are amounts, the columns are column0 to column2 with 12, "50;14" and 88, and the names are
#   gone, with decimal_separator=',' or without. One column of text or whole numbers among them, and all is as expected.
# Who meets it: daily totals (net, tax, gross) of shops in most of Europe.
# Instead: give delim=';', or all_varchar and header=true and look at the names before anything is counted.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check duckdb==2.0.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import duckdb

def read(text, options=''):
    open('totals.csv', 'w').write(text)
    found = duckdb.sql(f"SELECT * FROM read_csv('totals.csv'{options})")
    return found.columns, found.fetchall()

totals = 'Netto;Brutto\n12,50;14,88\n7,95;9,46\n'
print('default          ', *read(totals))
print('decimal_separator', *read(totals, ", decimal_separator = ','"))
print('and delim        ', *read(totals, ", decimal_separator = ',', delim = ';'"))
print('with a count     ', *read('Menge;Brutto\n2;14,88\n1;9,46\n', ", decimal_separator = ','"))
PROBE

cat > expected <<'SEEN'
default           ['column0', 'column1', 'column2'] [(12, '50;14', 88), (7, '95;9', 46)]
decimal_separator ['column0', 'column1', 'column2'] [(12, '50;14', 88), (7, '95;9', 46)]
and delim         ['Netto', 'Brutto'] [(12.5, 14.88), (7.95, 9.46)]
with a count      ['Menge', 'Brutto'] [(2, 14.88), (1, 9.46)]
SEEN

venv/bin/python probe.py > seen
echo "duckdb==2.0.1, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
