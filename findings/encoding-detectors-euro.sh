#!/usr/bin/env bash
# Detectors of encodings take a German price list in Windows-1252 for Hebrew, Baltic or a Central European Mac.
#
# Versions: chardet 7.7.0, charset-normalizer 3.5.3 (PyPI), jschardet 4.1.0, chardet 2.2.0 (npm)
# Guess: umlauts and a euro sign are windows-1252, or at least something that decodes to the same text.
# Seen: chardet and jschardet say cp862 (Hebrew, DOS), charset-normalizer cp775 (Baltic, DOS) and for a list of forty
#   rows mac_latin2; pound signs alone are windows-1250 and cp932 (Japanese). None of these decodes to the text.
# Who meets it: whoever opens a shop's export that Excel saved as CSV, and trusts the guess.
# Instead: UTF-8 if it decodes as that, else windows-1252 for shops of Western Europe, named in the map; chardet of npm
#   was right on each of these. The confidence of chardet and jschardet was below 0.1 each time: ask for it.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact jschardet@4.1.0 chardet@2.2.0 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check chardet==7.7.0 charset-normalizer==3.5.3 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.py <<'PROBE'
import chardet, charset_normalizer, json, subprocess

names = ['Tasse', 'Teller', 'Schüssel', 'Krug', 'Müslischale', 'Löffel', 'Topf', 'Süßigkeiten', 'Käse', 'Brötchen']
rows = [f'{1000 + i};{names[i % 10]} {i // 10 + 1};{i * 37 % 90 + 1},{i * 13 % 100:02d} €' for i in range(40)]
lists = {
    'short': 'Artikel;Preis\nTasse;12,50 €\nMüslischale;3,20 €\n',
    'long': '\n'.join(['Nummer;Artikel;Preis', *rows, '']),
    'pounds': 'sku,name,price\n1,Mug,£3.50\n2,Plate,£2.20\n',
}

def say(detector, found, text, data):
    same = found is not None and data.decode(found, 'replace') == text
    print(f'{detector:18} {found or "nothing":14} {"same text" if same else "other text"}')

for name, text in lists.items():
    data = text.encode('cp1252')
    open('list.csv', 'wb').write(data)
    print(name)
    say('chardet', chardet.detect(data)['encoding'], text, data)
    best = charset_normalizer.from_bytes(data).best()
    say('charset-normalizer', best and best.encoding, text, data)
    found = json.loads(subprocess.run(['node', 'probe.cjs'], capture_output=True, text=True, check=True).stdout)
    say('jschardet (npm)', found['jschardet'], text, data)
    say('chardet (npm)', found['chardet'], text, data)
PROBE

cat > probe.cjs <<'PROBE'
const { readFileSync } = require('node:fs');
const data = readFileSync('list.csv');
const jschardet = require('jschardet').detect(data).encoding;
console.log(JSON.stringify({ jschardet, chardet: require('chardet').detect(data) }));
PROBE

cat > expected <<'SEEN'
short
chardet            cp862          other text
charset-normalizer cp775          other text
jschardet (npm)    cp862          other text
chardet (npm)      windows-1252   same text
long
chardet            cp862          other text
charset-normalizer mac_latin2     other text
jschardet (npm)    cp862          other text
chardet (npm)      windows-1252   same text
pounds
chardet            Windows-1250   other text
charset-normalizer cp932          other text
jschardet (npm)    Windows-1250   other text
chardet (npm)      ISO-8859-1     same text
SEEN

venv/bin/python probe.py > seen
echo "chardet==7.7.0, charset-normalizer==3.5.3, jschardet@4.1.0, chardet@2.2.0, node $(node --version), $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
