import { execFileSync } from 'node:child_process'

test('docs/events.md is what the schema says', () => {
  // In a process of its own: prettier loads itself by import(), which jest's sandbox has not.
  const check = () => execFileSync(process.execPath, ['dist/tools/docs-events.js', '--check'], { stdio: 'pipe' })
  expect(check).not.toThrow()
})
