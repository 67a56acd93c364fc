#!/usr/bin/env bash
# The limit of heap-js does not keep the best N.
#
# Versions: heap-js 2.7.1 (npm)
# Guess: a max-heap with limit 3 holds the three largest of what was pushed, as a bounded priority queue does.
# Seen: it cuts the tail of its array, whatever lies there: of 1 to 8 pushed in order it keeps 8, 7 and 2; a min-heap
#   keeps 1, 2 and 5. top(n) gives the right ones, in no order.
# Who meets it: top-ten lists of articles or stores, and bounded queues of timers.
# Instead: keep a heap of the opposite order, push, and pop when it is longer than N.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

npm init --yes > npm.log
npm install --no-audit --no-fund --ignore-scripts --loglevel=error --save-exact heap-js@2.7.1 >> npm.log 2>&1 ||
  { cat npm.log >&2; echo "NOT INSTALLED: says nothing about the finding" >&2; exit 2; }

cat > probe.mjs <<'PROBE'
import { Heap } from 'heap-js';

const drain = (heap) => Array.from({ length: heap.size() }, () => heap.pop()).join(' ');
const filled = (comparator, values) => {
  const heap = new Heap(comparator);
  heap.limit = 3;
  for (const value of values) heap.push(value);
  return heap;
};
console.log('max-heap, limit 3, of 1..8:', drain(filled(Heap.maxComparator, [1, 2, 3, 4, 5, 6, 7, 8])));
console.log('min-heap, limit 3, of 1..10 mixed:', drain(filled(Heap.minComparator, [5, 9, 1, 8, 2, 7, 3, 6, 4, 10])));
const best = new Heap(Heap.maxComparator);
best.init([1, 2, 3, 4, 5, 6, 7, 8]);
console.log('top(3) of 1..8:', best.top(3).join(' '));
PROBE

cat > expected <<'SEEN'
max-heap, limit 3, of 1..8: 8 7 2
min-heap, limit 3, of 1..10 mixed: 1 2 5
top(3) of 1..8: 6 8 7
SEEN

node probe.mjs > seen
echo "heap-js@2.7.1, node $(node --version)"
cat seen
if ! diff expected seen > changes; then
  echo 'CHANGED: not what was found (< then, > now)' >&2
  cat changes >&2
  exit 1
fi
echo 'UNCHANGED'
