#!/usr/bin/env bash
# The buffered producers of JavaScript and Python send one partition key to different partitions.
#
# Versions: @azure/event-hubs 6.0.4 (npm), azure-eventhub 5.15.1 (PyPI)
# Guess: both compute the same hash, so a key lands in one partition whoever sends it.
# Seen: about half of the keys differ: where the 16-bit hash is negative, Python takes the floor modulus and
#   JavaScript the remainder without its sign. The function that each buffered producer calls is called here without a
#   hub.
# Who meets it: tills that publish with one SDK and a replay or back-fill that publishes with the other: a store's
#   events lie in two partitions, and what is folded or ordered per partition sees two halves of the store.
# Instead: one SDK per hub for buffered sends; or send with partitionKey through the unbuffered producer, where the
#   service hashes; or name the partition.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact @azure/event-hubs@6.0.4 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }
python3 -m venv venv
venv/bin/pip install --quiet --no-compile --disable-pip-version-check azure-eventhub==5.15.1 ||
  { echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);
const main = dirname(require.resolve('@azure/event-hubs/package.json'));
const { mapPartitionKeyToId } = require(`${main}/dist/commonjs/impl/partitionKeyToIdMapper.js`);
const keys = ['S-0001', 'S-0002', 'S-0003', 'store-41', 'store-42', 'store-43'];
const python = `
import sys
from azure.eventhub._buffered_producer._partition_resolver import PartitionResolver
resolver = PartitionResolver([str(id) for id in range(8)])
print(' '.join(resolver.get_partition_id_by_partition_key(key) for key in sys.argv[1:]))`;
const theirs = execFileSync('venv/bin/python', ['-c', python, ...keys], { encoding: 'utf8' }).trim().split(' ');
for (const [i, key] of keys.entries()) console.log(`${key}  javascript ${mapPartitionKeyToId(key, 8)}  python ${theirs[i]}`);
PROBE

cat > expected <<'SEEN'
S-0001  javascript 4  python 4
S-0002  javascript 1  python 7
S-0003  javascript 5  python 5
store-41  javascript 7  python 1
store-42  javascript 2  python 6
store-43  javascript 1  python 7
SEEN

node probe.mjs > seen
echo "@azure/event-hubs@6.0.4, azure-eventhub==5.15.1, node $(node --version), $(python3 --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
