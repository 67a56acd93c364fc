import { functionRules } from './functions'
import { logRules } from './logs'
import { resourceRules } from './resources'
import { type Rule } from './rule'
import { streamRules } from './stream'

/** Every alert there is, but for the budget's, which warns by itself. */
export const rules: readonly Rule[] = [...streamRules, ...functionRules, ...resourceRules, ...logRules]
