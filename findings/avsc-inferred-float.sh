#!/usr/bin/env bash
# avsc infers a 32-bit float for fractions and for milliseconds since 1970.
#
# Versions: avsc 5.7.9 (npm)
# Guess: a schema inferred from a JavaScript number that is no 32-bit integer has double, the type that holds it.
# Seen: Type.forValue gives float: 19.99 comes back as 19.989999771118164, and a time of 2026 is moved by 56 seconds.
#   Only integers above 2^53 become double.
# Who meets it: a producer or a test that infers its schema from a sample event, then sends money as a number or
#   occurredAt as epoch milliseconds.
# Instead: write the schema down (double or decimal, and long with timestamp-millis), or pass a typeHook.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact avsc@5.7.9 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import avro from 'avsc';

const event = { amount: 19.99, occurredAt: 1772703000123, quantity: 1 };
const type = avro.Type.forValue(event);
console.log(type.fields.map((field) => `${field.name}: ${field.type.typeName}`).join(', '));
const back = type.fromBuffer(type.toBuffer(event));
console.log(back.amount, back.quantity, back.occurredAt - event.occurredAt, 'ms off');
PROBE

cat > expected <<'SEEN'
amount: float, occurredAt: float, quantity: int
19.989999771118164 1 55749 ms off
SEEN

node probe.mjs > seen
echo "avsc@5.7.9, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
