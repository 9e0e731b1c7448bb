/**
 * Which AI SDK package the router takes for a provider, and where that package looks for a provider's own options.
 *
 * A package reads `providerOptions` under its own name, which need not be the router's name of the provider (ledger
 * A5): what stands under another one is dropped without a word.
 */

import { isRecord } from './reading.js'

/** What the router's registry says of a provider, and of single models of it. */
export type Registry = Readonly<Record<string, unknown>>

/** Tells the npm name of the package that the router takes for a model, undefined where it takes the general one. */
export type PackageOf = (provider: string, model: string) => string | undefined

/** A package, as far as a request has to know it. */
export interface Package {
  /** Under which name it looks for options. */
  readonly key: string
  /** Whether it takes options that it does not know into the request as they stand; the others drop them. */
  readonly passesOn: boolean
  /** Whether it sends the schema of an answer. */
  readonly sendsSchema: boolean
}

/** Providers with a package of their own, or of somebody else, in every version of the router. */
const ALWAYS: ReadonlyMap<string, string> = new Map([
  ...['anthropic', 'deepseek', 'google', 'mistral', 'openai', 'openrouter', 'perplexity', 'xai'].map(
    (name) => [name, name] as const,
  ),
  ['azure-openai', 'openai'],
  ['gemini', 'google'],
])
/** The packages that the router takes where its registry names them. */
const BY_NAME: ReadonlyMap<string, string> = new Map(
  ['alibaba', 'anthropic', 'cerebras', 'deepinfra', 'google', 'groq', 'mistral', 'openai', 'togetherai'].map((name) => [
    `@ai-sdk/${name}`,
    name,
  ]),
)
const GATEWAY = '@ai-sdk/gateway'
const PASSING_ON = new Set(['cerebras', 'deepinfra', 'openrouter', 'perplexity', 'togetherai'])
/** They write `json_object` for every schema, though their providers take `json_schema`. */
const WITHOUT_SCHEMA = new Set(['deepinfra', 'togetherai'])

/** Return the package of a model; one that is reached by a URL gets the general one, whoever its provider is (§2). */
export function packageFor(
  { provider, modelId }: { readonly provider: string; readonly modelId: string },
  packageOf: PackageOf,
  hasUrl: boolean,
): Package {
  const general = { key: provider, passesOn: true, sendsSchema: true }
  if (hasUrl) return general
  const npm = packageOf(provider, modelId)
  // Vercel's gateway hands all options on, to the package of the model's maker.
  if (npm === GATEWAY) return { key: modelId.split('/')[0] ?? provider, passesOn: false, sendsSchema: true }
  const name = ALWAYS.get(provider) ?? BY_NAME.get(npm ?? '')
  if (name === undefined) return general
  return { key: name, passesOn: PASSING_ON.has(name), sendsSchema: !WITHOUT_SCHEMA.has(name) }
}

/**
 * Return what tells the packages of a router with this registry.
 *
 * Before the registry named packages the router had none but those of `ALWAYS`; since then it takes two that no
 * registry names.
 */
export function packagesOf(registry: Registry): PackageOf {
  const isNamed = Object.values(registry).some((entry) => isRecord(entry) && typeof entry.npm === 'string')
  return (provider, model) => {
    if (!isNamed) return undefined
    if (provider === 'vercel') return GATEWAY
    if (provider.includes('alibaba')) return '@ai-sdk/alibaba'
    const entry = registry[provider]
    if (!isRecord(entry)) return undefined
    const override = isRecord(entry.modelOverrides) ? entry.modelOverrides[model] : undefined
    const { npm = entry.npm, shape } = isRecord(override) ? override : entry
    if (shape === 'responses') return '@ai-sdk/openai'
    return typeof npm === 'string' ? npm : undefined
  }
}
