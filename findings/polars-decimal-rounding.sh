#!/usr/bin/env bash
# Polars rounds the product of two decimals to their scale, line by line, and halves to even; DuckDB keeps every
# digit.
#
# Versions: polars 2.1.0, duckdb 1.5.5 (PyPI)
# Guess: price * rate over one Parquet file has one sum in both, and "1.005" as a decimal of two places is 1.01 in
#   both.
# Seen: Polars' decimal(10,2) * decimal(10,2) has scale 2, so each line is rounded before the sum: 1,725.00 of tax
#   against 1,723.30. "1.005" is 1.00 in Polars (half to even) and 1.01 in DuckDB (half away from zero).
# Who meets it: analysts who compute tax, discounts or line totals in Polars and compare them with DuckDB or
#   PostgreSQL to the cent.
# Instead: cast to more places before multiplying (Decimal(38, 6)) and round once, after the sum, by the rule of the
#   books.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check polars==2.1.0 duckdb==1.5.5 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
from decimal import Decimal
import duckdb
import polars as pl

money = pl.Decimal(10, 2)
prices = [Decimal(text) for text in ('19.85', '4.99', '3.99', '7.45')] * 250
pl.DataFrame({'price': prices}, schema={'price': money}).with_columns(rate=pl.lit('0.19').cast(money)).write_parquet('lines.parquet')

tax = pl.col('price') * pl.col('rate')
wide = pl.col('price').cast(pl.Decimal(38, 6)) * pl.col('rate')
print('polars       ', *pl.scan_parquet('lines.parquet').select(tax.sum()).collect().row(0))
print('polars, wide ', *pl.scan_parquet('lines.parquet').select(wide.sum()).collect().row(0))
print('duckdb       ', *duckdb.sql("SELECT sum(price * rate) FROM 'lines.parquet'").fetchone())

texts = ['1.005', '-1.005', '0.125', '2.675']
print('polars       ', *pl.Series(texts).cast(money))
print('duckdb       ', *duckdb.sql('SELECT ' + ', '.join(f"'{text}'::DECIMAL(10, 2)" for text in texts)).fetchone())
PROBE

cat > expected <<'SEEN'
polars        1725.00
polars, wide  1723.300000
duckdb        1723.3000
polars        1.00 -1.00 0.12 2.68
duckdb        1.01 -1.01 0.13 2.68
SEEN

venv/bin/python probe.py > seen
echo "polars==2.1.0, duckdb==1.5.5, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
