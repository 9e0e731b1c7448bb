/** Each operation of the driver protocol, asked of the user's code. */

import { playedParts } from './parts.js'

/**
 * @typedef {import('../types/index.d.ts').ServeOptions} ServeOptions
 * @typedef {import('./run.js').Run} Run
 * @typedef {(run: Run) => Promise<unknown>} Play resolves to the result, to undefined where the chunks were all
 */

/**
 * Returns the operations that the options declare; what is not among them is not applicable.
 *
 * @param {ServeOptions} options
 * @returns {Map<string, Play>}
 */
export function operationsOf(options) {
  const { createAdapter, transform, acceptsModel = false, wires = [], structuredOutput = true } = options
  const { convertMessages, convertTools, parseJson, transformSchema, profile } = options
  /** @type {Map<string, Play>} */
  const plays = new Map()
  if (transform !== undefined) plays.set('transform', transforming(transform))
  if (createAdapter !== undefined) {
    const chat = chatting(createAdapter, profile)
    if (acceptsModel && transform === undefined) plays.set('transform', chat)
    if (wires.length > 0) plays.set('chat', chat)
    if (wires.length > 0 && structuredOutput) plays.set('structuredOutput', structuring(createAdapter, profile))
  }
  if (convertMessages) plays.set('convertMessages', async ({ input }) => convertMessages(input.messages))
  if (convertTools) plays.set('convertTools', async ({ input }) => convertTools(input.tools))
  if (parseJson) plays.set('parseJson', async ({ input }) => parseJson(input.text, input.schema))
  if (transformSchema) plays.set('transformSchema', async ({ input }) => transformSchema(input.schema, input.provider))
  return plays
}

/**
 * @param {NonNullable<ServeOptions['transform']>} transform
 * @returns {Play}
 */
function transforming(transform) {
  return async (run) => {
    await passOn(run, await transform(playedParts(run.events), run.context.request, run.context))
  }
}

/**
 * @param {NonNullable<ServeOptions['createAdapter']>} createAdapter
 * @param {ServeOptions['profile']} profile
 * @returns {Play}
 */
function chatting(createAdapter, profile) {
  return async (run) => {
    const adapter = await createAdapter(run.context)
    await passOn(run, await adapter.chatStream(chatOptions(run, adapter, profile)))
  }
}

/**
 * @param {NonNullable<ServeOptions['createAdapter']>} createAdapter
 * @param {ServeOptions['profile']} profile
 * @returns {Play}
 */
function structuring(createAdapter, profile) {
  return async (run) => {
    const adapter = await createAdapter(run.context)
    if (typeof adapter.structuredOutput !== 'function') throw new TypeError('the adapter has no structuredOutput')
    const { outputSchema, ...options } = chatOptions(run, adapter, profile)
    return adapter.structuredOutput({ chatOptions: options, outputSchema })
  }
}

/**
 * Sends every chunk, and lets the adapter's stream go where nobody wants the rest.
 *
 * @param {Run} run
 * @param {AsyncIterable<unknown>} chunks
 */
async function passOn(run, chunks) {
  for await (const chunk of chunks) {
    if (run.isOver) return
    const pause = run.chunk(chunk)
    if (pause !== undefined) await pause
  }
}

/** Takes every message of a logger, which adapters for TanStack AI 0.13 and later ask for, and keeps none. */
const LOGGER = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : () => {}) })

/**
 * Returns TanStack's TextOptions: the request of the case, with what its engine adds. The engine asks an adapter for
 * the model that it was made for.
 *
 * @param {Run} run
 * @param {import('../types/index.d.ts').Adapter} adapter
 * @param {ServeOptions['profile']} profile
 */
function chatOptions({ id, context: { request, model, signal, abortController } }, adapter, profile) {
  const own = { ...request, model }
  const asked = profile === 'tanstack' ? { ...withoutRouting(own), model: adapter.model ?? model } : own
  return { threadId: id, runId: id, logger: LOGGER, ...asked, request: { signal }, abortController }
}

/**
 * Leaves out of `modelOptions` what a case says there to Mastra's router (§2). TanStack's adapters write them into the
 * provider's request; key and URL they are given when they are made.
 *
 * @param {import('../types/index.d.ts').ChatRequest} request
 */
function withoutRouting(request) {
  if (request.modelOptions === undefined) return request
  const { apiKey, url, headers, timeout, maxRetries, ...modelOptions } = request.modelOptions
  return { ...request, modelOptions }
}
