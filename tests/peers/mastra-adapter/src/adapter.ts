/**
 * The text adapter of §3: TanStack AI 0.2 on one side, Mastra's model router on the other.
 */

import type { StreamChunk, Tool } from '@tanstack/ai'
import { BaseTextAdapter, type StructuredOutputOptions, type StructuredOutputResult } from '@tanstack/ai/adapters'

import { type Approve, needingApproval } from './approvals.js'
import { type Ask, asked } from './asking.js'
import { type ChatOptions, configuredBy, type MastraTextProviderOptions, secretsOf } from './configuration.js'
import { describeFailure } from './errors.js'
import type { CallOptions, LanguageModel } from './languageModel.js'
import { callOptions } from './options.js'
import { type Package, packageFor, type PackageOf } from './packages.js'
import { repaired } from './rawChunks.js'
import { filled } from './reading.js'
import { structuredOutput } from './structured/index.js'
import { namesIn, ToolNames } from './toolNames.js'
import { transformMastraStreamToTanStack } from './transformer.js'

type Reach = Pick<MastraTextProviderOptions, 'apiKey' | 'url' | 'headers'>

/** What the adapter is given beside its configuration. */
export interface Surroundings {
  /** Makes the model of one call; in an application it is `new ModelRouterLanguageModel({id, …})`, which may throw. */
  modelOf: (id: string, reach: Reach) => LanguageModel
  /** Tells which AI SDK package the router takes; in an application it is `packagesOf(PROVIDER_REGISTRY)`. */
  packageOf?: PackageOf
  /** Answers for tools that need approval; without it their calls are left to the consumer. */
  approve?: Approve
}

type Modalities = readonly ['text', 'image', 'audio', 'video', 'document']

/** What each modality's `metadata` may hold (§2). */
export interface MastraMessageMetadataByModality {
  text: unknown
  image: { mimeType?: string }
  audio: { mimeType?: string }
  video: { mimeType?: string }
  document: { mimeType?: string }
}

/** A text adapter for one of the router's models; it keeps nothing between calls but its configuration (§10). */
export class MastraTextAdapter extends BaseTextAdapter<
  string,
  Record<string, unknown>,
  Modalities,
  MastraMessageMetadataByModality
> {
  readonly name = 'mastra' as const
  readonly #config: MastraTextProviderOptions
  readonly #surroundings: Surroundings

  constructor(config: MastraTextProviderOptions, modelId: string, surroundings: Surroundings) {
    super(config, modelId)
    this.#config = config
    this.#surroundings = surroundings
  }

  /** Yield the chunks of one response; every failure is an `error` chunk, and nothing is raised (§6.8, R22). */
  async *chatStream(options: ChatOptions): AsyncGenerator<StreamChunk, void, undefined> {
    const signal = signalOf(options)
    yield* transformMastraStreamToTanStack(this.#ask(signal)(options), {
      model: filled(options.model) ?? filled(this.model) ?? 'unknown',
      needsApproval: needingApproval(options.tools as Array<Tool> | undefined),
      approve: this.#surroundings.approve,
      signal,
      secrets: secretsOf(configuredBy(this.#config, options)),
    })
  }

  /** Return what the model answers as data of a schema (§7, §14); raises an Error that says what was tried (R32). */
  async structuredOutput(
    options: StructuredOutputOptions<Record<string, unknown>>,
  ): Promise<StructuredOutputResult<unknown>> {
    const chatOptions: ChatOptions = options.chatOptions
    try {
      const signal = signalOf(chatOptions)
      const { maxRetries } = configuredBy(this.#config, chatOptions)
      return await structuredOutput(this.#ask(signal), options, { model: this.model, maxRetries })
    } catch (error) {
      const { message, code } = describeFailure(error, secretsOf(configuredBy(this.#config, chatOptions)))
      throw Object.assign(new Error(message), { name: 'StructuredOutputError', ...(code !== undefined && { code }) })
    }
  }

  /** Return the way to ask the router, in which nothing is thrown before its parts are read (A12). */
  #ask(signal: AbortSignal | undefined): Ask {
    const config = this.#config
    const { packageOf = () => undefined } = this.#surroundings
    const modelOf = (reach: Reach): LanguageModel => this.#surroundings.modelOf(this.model, reach)
    return async function* ask(options, changes = {}, how = 'doStream') {
      const { timeout, maxRetries, ...reach } = configuredBy(config, options)
      const model = modelOf(reach)
      const sdk = packageFor(model, packageOf, reach.url !== undefined)
      const names = new ToolNames([...(changes.tools ?? []).map((tool) => tool.name), ...namesIn(options)])
      const call = withSchemaInFull(withChanges(callOptions(options, sdk, names), changes), sdk)
      // 1.0.4 drops its configuration's headers for native providers; those of a call reach all of them.
      if (reach.headers) call.headers = reach.headers
      const limits = { ...(timeout !== undefined && { timeout }), ...(maxRetries !== undefined && { maxRetries }) }
      for await (const part of repaired(asked(model, call, limits, signal, how))) {
        yield typeof part.toolName === 'string' ? { ...part, toolName: names.own(part.toolName) } : part
      }
    }
  }
}

/** Return a call's options with changes over them; the options of the same provider are joined. */
function withChanges(call: CallOptions, changes: Partial<CallOptions>): CallOptions {
  const joined = { ...call, ...changes }
  if (call.providerOptions === undefined || changes.providerOptions === undefined) return joined
  const providerOptions = { ...call.providerOptions }
  for (const [provider, own] of Object.entries(changes.providerOptions)) {
    providerOptions[provider] = { ...providerOptions[provider], ...own }
  }
  return { ...joined, providerOptions }
}

/** Return a call whose schema is sent also by a package that has no way to say it: it takes the API's own words. */
function withSchemaInFull(call: CallOptions, { key, sendsSchema }: Package): CallOptions {
  if (sendsSchema || call.responseFormat?.type !== 'json' || call.responseFormat.schema === undefined) return call
  const { name = 'response', schema } = call.responseFormat
  const format = { response_format: { type: 'json_schema', json_schema: { name, schema } } }
  return { ...call, providerOptions: { ...call.providerOptions, [key]: { ...format, ...call.providerOptions?.[key] } } }
}

/** Return the signal that ends a call, of the request or of the controller, or of either where both are there. */
function signalOf(options: ChatOptions): AbortSignal | undefined {
  const given = [options.request?.signal, options.abortController?.signal].filter((signal) => signal != null)
  return given.length > 1 ? AbortSignal.any(given) : given[0]
}
