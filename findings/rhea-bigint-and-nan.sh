#!/usr/bin/env bash
# rhea sends a BigInt as an empty map and NaN as null.
#
# Versions: rhea 3.0.5 (npm)
# Guess: not noted before the run, but expected: a BigInt goes out as an AMQP long, or raises; NaN is a double like
#   any other (AMQP has it).
# Seen: a BigInt in a body or in application properties arrives as {}, NaN and as null; wrapped types carry them.
# Who meets it: producers that hold cents or sequence numbers as BigInt and put them into message properties;
#   @azure/event-hubs is built on rhea.
# Instead: types.wrap_long(Number(x)) up to 2^53, text above it.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact rhea@3.0.5 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import rhea from 'rhea';

const { message, types } = rhea;
const trip = (value) => {
  const { body, application_properties: properties } = message.decode(message.encode({ body: value, application_properties: { value } }));
  return `body ${JSON.stringify(body)}  property ${JSON.stringify(properties.value)}`;
};
console.log('1999n          ', trip(1999n));
console.log('wrap_long(1999)', trip(types.wrap_long(1999)));
const nan = message.decode(message.encode({ body: { nan: NaN, wrapped: types.wrap_double(NaN) } })).body;
console.log('NaN            ', nan.nan, nan.wrapped);
PROBE

cat > expected <<'SEEN'
1999n           body {}  property {}
wrap_long(1999) body 1999  property 1999
NaN             null NaN
SEEN

node probe.mjs > seen
echo "rhea@3.0.5, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
