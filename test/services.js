const { existsSync, readFileSync } = require('node:fs')
const { dirname, join } = require('node:path')

const services = new Set(['node:child_process', 'node:net', 'node:http', 'node:https', 'node:tls', 'node:dgram'])

/** What a file imports by value: a type starts nothing. */
function imports(file) {
  const text = readFileSync(file, 'utf8')
  const statements = text.matchAll(
    /(?:^|\s)(?:import|export)\s+(?!type\s)[^'"`;]*?from\s+'([^']+)'|(?:^|\s)import\s+'([^']+)'|(?:import|require)\(\s*'([^']+)'/g,
  )
  return [...statements].map(([, from, bare, called]) => from ?? bare ?? called)
}

/** Whether a test file, or something it reaches, imports a module that serves or is served by another process. */
function needsServices(testFile) {
  const reached = new Set([testFile])
  for (const file of reached) {
    for (const specifier of imports(file)) {
      if (services.has(specifier)) return true
      const target = `${join(dirname(file), specifier)}.ts`
      if (specifier.startsWith('.') && existsSync(target)) reached.add(target)
    }
  }
  return false
}

module.exports = { needsServices }
