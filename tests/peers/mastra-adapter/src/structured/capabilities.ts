/**
 * In which way a model can be asked for structured output (§14.2, §14.8, R33).
 */

/** §14.2's levels of support; each is also the name of a strategy. */
export type Support = 'native' | 'tool-based' | 'constrained' | 'instruction'

/** Whose schema rules a model follows. */
export type Family = 'openai' | 'anthropic' | 'google' | 'mistral'

/** What is known of a model: its family, if any, and how it is asked. */
export interface Capability {
  readonly family: Family | undefined
  readonly support: Support
}

const SUPPORT: Record<Family, Support> = {
  openai: 'native',
  anthropic: 'tool-based',
  google: 'native',
  mistral: 'constrained',
}

/** Makers of models by the names that the router and other routers have for them. */
const MAKERS: ReadonlyMap<string, Family> = new Map([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['google', 'google'],
  ['gemini', 'google'],
  ['mistral', 'mistral'],
  ['mistralai', 'mistral'],
])

const MODELS: ReadonlyArray<readonly [RegExp, Family]> = [
  [/^(?:gpt-|o1(?:-|$)|o3(?:-|$))/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^gemini-/, 'google'],
  [/^(?:mistral|mixtral)-/, 'mistral'],
]

/** Servers that run anybody's models and give no structured output of their own (§14.1). */
const INSTRUCTION_ONLY = new Set(['ollama', 'ollama-cloud', 'openai-compatible'])

/**
 * Return the family of a router's id, such as `openai/gpt-4o` or `openrouter/anthropic/claude-sonnet-4`.
 *
 * §14.2 looks at the provider and at how the rest begins, so that every router hides a family (ledger H6); we read all
 * parts: a maker anywhere but at the end, or a model's name that begins like a family's (R33).
 */
export function familyOf(id: string): Family | undefined {
  const parts = id.toLowerCase().split('/')
  const model = parts.at(-1) ?? ''
  const makers = parts.length === 1 ? parts : parts.slice(0, -1)
  const maker = makers.map((part) => MAKERS.get(part)).find((family) => family !== undefined)
  return maker ?? MODELS.find(([name]) => name.test(model))?.[1]
}

/** Return how a model is asked; one of no known family is asked by instruction (§14.2). */
export function capabilityOf(id: string): Capability {
  const family = INSTRUCTION_ONLY.has(id.toLowerCase().split('/')[0] ?? '') ? undefined : familyOf(id)
  return { family, support: family === undefined ? 'instruction' : SUPPORT[family] }
}
