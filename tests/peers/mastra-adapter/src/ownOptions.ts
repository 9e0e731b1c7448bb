/**
 * A provider's own options → what its AI SDK package reads (§2, R29).
 *
 * A consumer writes them as the provider's API has them (`stop_sequences`). A package knows some as options of the
 * call (`stopSequences`), others under names of its own, and drops the rest without a word (ledger A5).
 */

import type { CallOptions } from './languageModel.js'
import type { Package } from './packages.js'
import { isRecord } from './reading.js'

type Options = Record<string, unknown>

/** Options of the provider that are options of every call, by their name in camel case. */
const OF_THE_CALL: Readonly<Record<string, keyof CallOptions>> = {
  frequencyPenalty: 'frequencyPenalty',
  maxCompletionTokens: 'maxOutputTokens',
  maxOutputTokens: 'maxOutputTokens',
  maxTokens: 'maxOutputTokens',
  presencePenalty: 'presencePenalty',
  randomSeed: 'seed',
  seed: 'seed',
  stop: 'stopSequences',
  stopSequences: 'stopSequences',
  temperature: 'temperature',
  topK: 'topK',
  topP: 'topP',
}

/** Members that a package has beside the others: `reasoning: {effort}` is `reasoningEffort`. */
const FLAT: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  anthropic: { outputConfig: { effort: 'effort' } },
  openai: { reasoning: { effort: 'reasoningEffort', summary: 'reasoningSummary' }, text: { verbosity: 'textVerbosity' } },
  xai: { reasoning: { effort: 'reasoningEffort', summary: 'reasoningSummary' } },
}
/** Packages that have camel case inside of their options, too; elsewhere the names inside may be a user's. */
const CAMEL_CASE_INSIDE = new Set(['anthropic', 'xai'])
/** What the package of xAI itself has in the API's words. */
const IN_THE_APIS_WORDS = new Set(['parallel_function_calling'])

/** Return options of the provider in the words of its package; unknown ones stay as they are. */
export function ownOptions(given: Options, { key, passesOn }: Package): Partial<CallOptions> {
  if (Object.keys(given).length === 0) return {}
  if (passesOn) return { providerOptions: { [key]: given } }
  const call: Options = {}
  const own: Options = {}
  for (const [name, value] of Object.entries(flattened(given, key))) {
    const target = Object.hasOwn(OF_THE_CALL, name) ? OF_THE_CALL[name] : undefined
    if (target === undefined) own[name] = value
    else call[target] = target === 'stopSequences' && typeof value === 'string' ? [value] : value
  }
  // For a model that it takes for one without reasoning the package leaves out what is said of it.
  const isReasoning = key === 'openai' && (own.reasoningEffort ?? own.reasoningSummary) != null
  if (isReasoning) own.forceReasoning ??= true
  return { ...call, ...(Object.keys(own).length > 0 && { providerOptions: { [key]: own } }) }
}

/** Return options in camel case, without their boxes. */
function flattened(given: Options, key: string): Options {
  const { generationConfig, ...others } = given
  const isBoxed = key === 'google' && isRecord(generationConfig)
  const flat: Options = {}
  for (const [name, value] of Object.entries(isBoxed ? { ...others, ...generationConfig } : given)) {
    const own = IN_THE_APIS_WORDS.has(name) ? name : camelCase(name)
    const inner = FLAT[key]?.[own]
    if (inner === undefined || !isRecord(value)) {
      flat[own] = CAMEL_CASE_INSIDE.has(key) ? inCamelCase(value) : value
      continue
    }
    const rest = Object.entries(value).filter(([member]) => !Object.hasOwn(inner, member))
    if (rest.length > 0) flat[own] = Object.fromEntries(rest)
    for (const [member, beside] of Object.entries(inner)) if (value[member] != null) flat[beside] = value[member]
  }
  return flat
}

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [camelCase(name), inCamelCase(member)]))
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
