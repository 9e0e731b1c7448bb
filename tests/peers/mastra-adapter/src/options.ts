/**
 * TanStack's options → what AI SDK V2 calls them (§8, §12.5, R29).
 *
 * §8 and §12.5 hand over `messages`, `maxTokens`, `metadata` and flat `providerOptions`, which the SDK refuses or drops
 * without a word (ledger A1, A3, A5).
 */

import { type ChatOptions, providersOwn } from './configuration.js'
import type { CallOptions, Prompt, ToolChoice } from './languageModel.js'
import { convertToAISDKMessages } from './messages.js'
import { ownOptions } from './ownOptions.js'
import type { Package } from './packages.js'
import { isRecord } from './reading.js'
import { forcedTool, type ToolNames } from './toolNames.js'
import { convertToolsToAISDK } from './tools.js'

/**
 * Return what a model is asked by way of a package; raises Error for what cannot be sent.
 *
 * `names` are the tools' names toward the provider. All system prompts are one message (§12.5).
 */
export function callOptions(options: ChatOptions, sdk: Package, names: ToolNames): CallOptions {
  const { tools, temperature, maxTokens, topP, toolChoice, systemPrompts } = options
  const system = systemPrompts?.join('\n')
  const prompt: Prompt = convertToAISDKMessages(options.messages, names)
  if (system) prompt.unshift({ role: 'system', content: system })
  return {
    ...ownOptions(providersOwn(options), sdk), // first, as TanStack's own options count
    prompt,
    includeRawChunks: true, // what the package leaves out of its parts stands in the provider's own words
    ...(tools?.length && { tools: convertToolsToAISDK(tools, names, sdk.key) }),
    ...(toolChoice != null && { toolChoice: choice(toolChoice, names) }),
    ...(temperature != null && { temperature }),
    ...(maxTokens != null && { maxOutputTokens: maxTokens }),
    ...(topP != null && { topP }),
  }
}

/** Return V2's choice; §14.5's `{type: 'required', toolName}` would lose the name (ledger A14). */
function choice(given: unknown, names: ToolNames): ToolChoice {
  const forced = forcedTool(given)
  if (forced !== undefined) return { type: 'tool', toolName: names.sent(forced) }
  const kind = isRecord(given) ? given.type : given
  if (kind === 'auto' || kind === 'none' || kind === 'required') return { type: kind }
  throw new Error('toolChoice is auto, none, required, or {type: "tool", toolName}')
}
