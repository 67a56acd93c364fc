// Tested in test/local/host/event-hub-trigger.test.ts.
/** Settings by name: the process environment under the `Values` of local.settings.json. */
export type Settings = Readonly<Record<string, string>>

/**
 * Makes settings visible to user code as environment variables, as the host does for its worker; returns the undo,
 * which leaves alone what somebody else has set since.
 */
export function applySettings(settings: Settings): () => void {
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, settings)
  return () => {
    for (const [name, value] of before) {
      if (process.env[name] !== settings[name]) continue
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
  }
}

/** Replaces every `%NAME%` by the setting of that name; throws, naming `where`, when there is none. */
export function expand(text: string, settings: Settings, where: string): string {
  return text.replace(/%([^%]+)%/g, (whole, name: string) => {
    const value = settings[name]
    if (value === undefined) {
      throw new Error(
        `${where}: "${whole}" expected a setting named ${name}, found none; add it to local.settings.json`,
      )
    }
    return value
  })
}

/** Whether `AzureWebJobs.<name>.Disabled` switches a function off. */
export function isDisabled(functionName: string, settings: Settings): boolean {
  const value = settings[`AzureWebJobs.${functionName}.Disabled`]?.toLowerCase()
  return value === 'true' || value === '1'
}
