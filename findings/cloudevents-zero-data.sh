#!/usr/bin/env bash
# The CloudEvents SDK for JavaScript drops data that is 0 or false from structured messages.
#
# Versions: cloudevents 10.0.0 (npm), cloudevents 2.2.0 (PyPI)
# Guess: not noted before the run, but expected: a JSON value of 0 or false arrives as it was sent, in both modes.
# Seen: structured mode loses 0 and false: data is undefined afterwards. In binary mode they arrive, and a number such
#   as 7 is sent and then refused on receipt. The Python SDK keeps all of them.
# Who meets it: counters and stock levels as the whole payload (a shelf that is empty is just the one that gets lost),
#   flags that are off.
# Instead: an object as payload: { "stock": 0 }.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact cloudevents@10.0.0 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check cloudevents==2.2.0 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { execFileSync } from 'node:child_process';
import { CloudEvent, HTTP } from 'cloudevents';

const trip = (mode, data) => {
  try {
    return String(HTTP.toEvent(HTTP[mode](new CloudEvent({ id: '1', source: '/shelf', type: 'stock', data }))).data);
  } catch {
    return 'refused';
  }
};
for (const data of [7, 0, false]) console.log(`${data}  structured ${trip('structured', data)}  binary ${trip('binary', data)}`);
console.log('python structured', execFileSync('venv/bin/python', ['-c', `
from cloudevents.v1.conversion import to_structured
from cloudevents.v1.http import CloudEvent, from_http
print([from_http(*to_structured(CloudEvent({'type': 'stock', 'source': '/shelf'}, data))).data for data in (7, 0, False)])`],
{ encoding: 'utf8' }).trim());
PROBE

cat > expected <<'SEEN'
7  structured 7  binary refused
0  structured undefined  binary 0
false  structured undefined  binary false
python structured [7, 0, False]
SEEN

node probe.mjs > seen
echo "cloudevents@10.0.0, cloudevents==2.2.0, node $(node --version), $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
