#!/usr/bin/env bash
# SheetJS reads the date 2026-03-05 of a CSV as 4 March on a machine in America.
#
# Versions: xlsx 0.18.5 (npm)
# Guess: an ISO date is that date, whatever the machine's zone is, or stays text.
# Seen: on a machine in UTC it is 5 March. In New York the cell is 46085.79 and its text 3/4/26, a day early; in Berlin
#   46086.04, which is no whole day and equals no other 5 March. Everywhere 05/03/2026 is 3 May while
#   13/03/2026 in the same column stays text, sizes 3-4 and 10-12 are dates of 2001, and SKU 00123 is 123.
# Who meets it: web tools that let a shop upload CSV or XLSX and read both with SheetJS, in the browser of whoever
#   uploads.
# Instead: read CSV with raw: true, which leaves text, and convert by the map; use SheetJS for workbooks alone.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact xlsx@0.18.5 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import XLSX from 'xlsx';

const csv = 'day,shipped,size,sku\n2026-03-05,05/03/2026,3-4,MAR-2\n2026-03-05,13/03/2026,10-12,00123\n';
const rows = (options) => {
  const book = XLSX.read(csv, { type: 'string', ...options });
  const sheet = book.Sheets[book.SheetNames[0]];
  const cells = XLSX.utils.sheet_to_json(sheet).map((row) => Object.values(row).join(' '));
  const texts = XLSX.utils.sheet_to_json(sheet, { raw: false }).map((row) => Object.values(row).join(' '));
  return `${cells.join(' | ')} as text ${texts.join(' | ')}`;
};
console.log(process.env.TZ);
console.log('  default', rows({}));
console.log('  raw    ', rows({ raw: true }));
PROBE

cat > expected <<'SEEN'
UTC
  default 46086 46145 36954 MAR-2 | 46086 13/03/2026 37176 123 as text 3/5/26 5/3/26 3/4/01 MAR-2 | 3/5/26 13/03/2026 10/12/01 00123
  raw     2026-03-05 05/03/2026 3-4 MAR-2 | 2026-03-05 13/03/2026 10-12 00123 as text 2026-03-05 05/03/2026 3-4 MAR-2 | 2026-03-05 13/03/2026 10-12 00123
America/New_York
  default 46085.791666666664 46145 36954 MAR-2 | 46085.791666666664 13/03/2026 37176 123 as text 3/4/26 5/3/26 3/4/01 MAR-2 | 3/4/26 13/03/2026 10/12/01 00123
  raw     2026-03-05 05/03/2026 3-4 MAR-2 | 2026-03-05 13/03/2026 10-12 00123 as text 2026-03-05 05/03/2026 3-4 MAR-2 | 2026-03-05 13/03/2026 10-12 00123
Europe/Berlin
  default 46086.041666666664 46145 36954 MAR-2 | 46086.041666666664 13/03/2026 37176 123 as text 3/5/26 5/3/26 3/4/01 MAR-2 | 3/5/26 13/03/2026 10/12/01 00123
  raw     2026-03-05 05/03/2026 3-4 MAR-2 | 2026-03-05 13/03/2026 10-12 00123 as text 2026-03-05 05/03/2026 3-4 MAR-2 | 2026-03-05 13/03/2026 10-12 00123
SEEN

for zone in UTC America/New_York Europe/Berlin; do TZ=$zone node probe.mjs; done > seen
echo "xlsx@0.18.5, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
