import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { inputs } from '../../infra/config'
import { scripts } from '../../package.json'
import { settings } from '../../src/config/settings'

/*
 * Workflows run on GitHub only; held here is what they name: commands, paths, outputs and inputs of the stack, settings.
 */

const root = join(__dirname, '..', '..')
const folder = join(root, '.github', 'workflows')

// Comes with jest itself and has no types of its own.
const { load } = createRequire(__filename)('js-yaml') as { load: (text: string) => unknown }

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly env?: Readonly<Record<string, string>>
}

interface Job {
  readonly 'runs-on': string
  readonly 'timeout-minutes': number
  readonly environment?: string
  readonly permissions?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly Step[]
}

interface Workflow {
  readonly name: string
  readonly permissions: Readonly<Record<string, string>>
  readonly concurrency: { readonly group: string }
  readonly env?: Readonly<Record<string, string>>
  readonly jobs: Readonly<Record<string, Job>>
}

const files = readdirSync(folder).filter((name) => name.endsWith('.yml'))
const workflows = files.map((file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  return { file, text, workflow: load(text) as Workflow }
})

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}

/** Where a path that a workflow names comes from: compiled files from their source, some from a command. */
function isThere(path: string): boolean {
  const made = ['cdktf.out/stacks', 'package/tillstream.zip']
  if (made.some((start) => path.startsWith(start))) return true
  return existsSync(join(root, path.replace(/^dist\/(.*)\.js$/, '$1.ts')))
}

function namedPaths(text: string): readonly string[] {
  return matches(text, /(?<![\w./-])((?:\.ci|dist|infra|docs|local|package|cdktf\.out)\/[\w./-]*\w)/g)
}

describe.each(workflows)('$file', ({ text, workflow }) => {
  const jobs = Object.entries(workflow.jobs)
  const steps = jobs.flatMap(([, job]) => job.steps)

  test('has jobs with steps, a time limit, least rights and its place in a queue', () => {
    expect(jobs.length).toBeGreaterThan(0)
    expect(workflow.permissions).toEqual({ contents: 'read' })
    expect(workflow.concurrency.group).toContain('github.')
    for (const [, job] of jobs) {
      expect(job['timeout-minutes']).toBeGreaterThan(0)
      expect(job.steps.every(({ uses, run }) => (uses === undefined) !== (run === undefined))).toBe(true)
    }
  })

  test('names actions by their major version and nothing secret', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? [])
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@v\d+$/.test(action))).toEqual([])
    expect(text).not.toMatch(/secrets\s*[.[:]/)
    expect(text).not.toMatch(/password\s*:|client-secret|publish-profile/i)
  })

  test('runs commands and names paths that are there', () => {
    const commands = matches(text, /npm run (?:--silent )?([\w:-]+)/g)
    expect(commands.filter((name) => !(name in scripts))).toEqual([])
    expect(namedPaths(text).filter((path) => !isThere(path))).toEqual([])
  })
})

test('paths are found, so that a missing one can be', () => {
  expect(namedPaths('run: node dist/infra/nowhere.js, see docs/nothing.md').filter((path) => !isThere(path))).toEqual([
    'dist/infra/nowhere.js',
    'docs/nothing.md',
  ])
})

describe('deploy.yml', () => {
  const { text, workflow } = workflows.find(({ file }) => file === 'deploy.yml') ?? {}
  if (!text || !workflow) throw new Error('test: expected a deploy.yml')
  const { plan, deploy } = workflow.jobs

  test('signs in by the token of the workflow, and changes nothing but behind an environment', () => {
    for (const job of [plan, deploy]) {
      expect(job?.permissions).toEqual({ contents: 'read', 'id-token': 'write' })
      expect(job?.environment).toBeDefined()
    }
    expect(plan?.steps.some(({ run }) => run?.includes('apply'))).toBe(false)
    expect(deploy?.environment).toContain('prod')
  })

  test('applies, then makes the role, then migrates, then publishes, then looks whether it works', () => {
    const said = (deploy?.steps ?? []).map(({ run = '', uses = '' }) => run + uses)
    const order = ['apply approved', 'create-app-role', 'migrate', 'functions-action', 'canary'].map((word) =>
      said.findIndex((step) => step.includes(word)),
    )
    expect(order).not.toContain(-1)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  test('asks the stack for outputs it has and gives it the inputs it wants', () => {
    const stack = readFileSync(join(root, 'infra', 'stack.ts'), 'utf8')
    const outputs = matches(text, /\$\(output (\w+)\)/g)
    expect(outputs.length).toBeGreaterThan(0)
    expect(outputs.filter((name) => !new RegExp(`^\\s+${name}:`, 'm').test(stack))).toEqual([])
    expect(matches(text, /TF_VAR_(\w+):/g).toSorted()).toEqual(Object.keys(inputs).toSorted())
  })

  test('sets settings the app knows, every one the canary needs, and no identity of a machine', () => {
    const written = matches(text, /echo "(\w+)=/g).filter((name) => name !== 'FUNCTION_APP' && !name.startsWith('APP_'))
    expect(written.filter((name) => !(name in settings))).toEqual([])
    const needed = Object.entries(settings).filter(
      ([, setting]) => !('fallback' in setting) && !('optional' in setting),
    )
    expect(needed.map(([name]) => name).filter((name) => !written.includes(name))).toEqual([])
    // With it the programs would ask the runner's machine for a token, which has none to give.
    const environments = [
      workflow.env,
      ...Object.values(workflow.jobs).flatMap(({ env, steps }) => [env, ...steps.map((step) => step.env)]),
    ]
    expect(environments.flatMap((env) => Object.keys(env ?? {}))).not.toContain('AZURE_CLIENT_ID')
  })
})
