#!/usr/bin/env bash
# The CloudEvents SDK for JavaScript rewrites the time of an event, and invents one where there is none.
#
# Versions: cloudevents 10.0.0 (npm), cloudevents 2.2.0 (PyPI)
# Guess: time goes out as it was given, as in the Python SDK, and an event that came without one has none.
# Seen: binary and structured HTTP cut it to milliseconds in UTC: the till's offset is lost. Kafka.binary of the same
#   event keeps it. An event received without a time (it is optional) gets the moment of parsing, another one at each
#   parse.
# Who meets it: pipelines that take the business day from the offset of the till, compare bytes of a redelivered
#   event, or send events without a time to the rejects.
# Instead: put the local time and the offset into data; look for time in the raw body or headers before the SDK sees
#   it.
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
import { CloudEvent, HTTP, Kafka } from 'cloudevents';

const event = new CloudEvent({ id: '1', source: '/till', type: 'sale', time: '2026-03-05T00:30:00.123456+01:00', data: { a: 1 } });
console.log('binary       ', HTTP.binary(event).headers['ce-time']);
console.log('structured   ', JSON.parse(HTTP.structured(event).body).time);
console.log('Kafka binary ', Kafka.binary(event).headers.ce_time);
console.log('python       ', execFileSync('venv/bin/python', ['-c', `
import json
from cloudevents.v1.conversion import to_structured
from cloudevents.v1.http import CloudEvent
event = CloudEvent({'type': 'sale', 'source': '/till', 'time': '2026-03-05T00:30:00.123456+01:00'}, {'a': 1})
print(json.loads(to_structured(event)[1])['time'])`], { encoding: 'utf8' }).trim());

const headers = { 'content-type': 'application/cloudevents+json' };
const body = JSON.stringify({ specversion: '1.0', id: '1', source: '/till', type: 'sale', data: { a: 1 } });
const before = Date.now();
const received = HTTP.toEvent({ headers, body });
console.log('without time ', Date.parse(received.time) >= before ? 'has the moment of parsing' : received.time);
PROBE

cat > expected <<'SEEN'
binary        2026-03-04T23:30:00.123Z
structured    2026-03-04T23:30:00.123Z
Kafka binary  2026-03-05T00:30:00.123456+01:00
python        2026-03-05T00:30:00.123456+01:00
without time  has the moment of parsing
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
