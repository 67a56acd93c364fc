#!/usr/bin/env bash
# Polars reads a workbook column by its first rows, and text that comes later is null.
#
# Versions: polars 2.1.0, fastexcel 0.21.0, XlsxWriter 3.2.9 (PyPI)
# Guess: a column of article numbers, some with letters, is text, or the read raises.
# Seen: after 150 numeric cells the column is a 64-bit integer: "A-17" becomes null and the text cell "00123" becomes
#   123, without a warning about either.
# Who meets it: whoever loads a shop's article list from a workbook: sorted by SKU, the numeric ones come first.
# Instead: read_excel(..., schema_overrides={"sku": pl.String}) for every column that is a code, or
#   infer_schema_length=None (the default looks at 100 rows; schema_sample_rows in read_options is overruled).
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check polars==2.1.0 fastexcel==0.21.0 XlsxWriter==3.2.9 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import polars as pl
import xlsxwriter

book = xlsxwriter.Workbook('articles.xlsx')
sheet = book.add_worksheet()
sheet.write_row(0, 0, ['sku', 'stock'])
for i in range(150):
    sheet.write_row(i + 1, 0, [1000 + i, 1])
sheet.write_row(151, 0, ['A-17', 40])
sheet.write_string(152, 0, '00123')
sheet.write_number(152, 1, 7)
book.close()

read = pl.read_excel('articles.xlsx')
print('default  ', read.schema['sku'], read.tail(2).rows())
text = pl.read_excel('articles.xlsx', schema_overrides={'sku': pl.String})
print('overrides', text.schema['sku'], text.tail(2).rows())
PROBE

cat > expected <<'SEEN'
default   Int64 [(None, 40), (123, 7)]
overrides String [('A-17', 40), ('00123', 7)]
SEEN

venv/bin/python probe.py > seen
echo "polars==2.1.0, fastexcel==0.21.0, XlsxWriter==3.2.9, $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
