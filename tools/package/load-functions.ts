// Tested by npm run package.
import { performance } from 'node:perf_hooks'

/*
 * Loads a function app in this fresh process, with the worker's own part faked as little as registration needs, and prints
 * what was registered and how long it took: the part of a cold start that is this package's. Tested by `npm run package`, which CI runs.
 */

const [entry = ''] = process.argv.slice(2)
const functions: string[] = []

class Disposable {
  dispose(): void {
    functions.length = 0
  }
}

const core = {
  version: '3.0.0',
  hostVersion: '4.34.0',
  Disposable,
  registerFunction: ({ name }: { name: string }) => {
    functions.push(name)
    return new Disposable()
  },
  registerHook: () => new Disposable(),
  setProgrammingModel: () => undefined,
  getProgrammingModel: () => undefined,
  log: () => undefined,
}

interface Loader {
  prototype: { require: (this: unknown, id: string) => unknown }
}

/* eslint-disable-next-line @typescript-eslint/no-require-imports -- the worker patches it the same way, before anything else loads */
const loader = require('node:module') as Loader
const real = loader.prototype.require
loader.prototype.require = function (id) {
  return id === '@azure/functions-core' ? core : real.call(this, id)
}

const startedMs = performance.now()
/* eslint-disable-next-line @typescript-eslint/no-require-imports -- the entry is only known now, and must go through the patch */
for (const file of entry.split(',')) require(file)
const loadMs = Math.round(performance.now() - startedMs)
console.log(JSON.stringify({ functions: functions.sort(), loadMs }))
