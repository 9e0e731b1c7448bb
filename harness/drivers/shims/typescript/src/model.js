/** A language model of the AI SDK's specification v2 that a case's events play. */

import { asJson, ofModel } from './json.cjs'
import { playedParts } from './parts.js'

/**
 * Returns a model that answers every call with the events and tells of each call.
 *
 * @param {string} modelId
 * @param {readonly unknown[]} events as they stand in the protocol
 * @param {(options: unknown) => Promise<void>} called is told the options of each call, made JSON
 * @returns {import('../types/index.d.ts').StubModel}
 */
export function playedModel(modelId, events, called) {
  /** @param {any} options */
  async function opened(options) {
    await called(asJson(options ?? {}, ofModel))
    options?.abortSignal?.throwIfAborted()
    return playedParts(events, options?.abortSignal)
  }
  return {
    specificationVersion: 'v2',
    provider: 'streamchunk',
    modelId,
    supportedUrls: {},
    doStream: async (options) => ({ stream: await opened(options) }),
    doGenerate: async (options) => folded(await opened(options)),
  }
}

/**
 * Returns the answer in one piece: blocks of text and reasoning in the order in which they began, a part that is whole
 * by itself where it stood. Rejects where the stream raises, and with the first `error` part.
 *
 * @param {AsyncIterable<any>} parts
 */
async function folded(parts) {
  /** @type {any} */
  const result = { content: [], finishReason: 'unknown', usage: NO_USAGE, warnings: [] }
  const blocks = new Map()
  for await (const part of parts) {
    const [, kind, step] = BLOCK.exec(part?.type) ?? []
    if (step === 'start') {
      blocks.set(`${kind} ${part.id}`, begun(result.content, kind, part))
    } else if (kind !== undefined) {
      const block = blocks.get(`${kind} ${part.id}`) ?? begun(result.content, kind, part)
      blocks.set(`${kind} ${part.id}`, block)
      block.text += part.delta ?? ''
      if (part.providerMetadata !== undefined) block.providerMetadata = part.providerMetadata
    } else if (WHOLE.has(part?.type)) {
      result.content.push(part)
    } else if (part?.type === 'stream-start') {
      result.warnings = part.warnings ?? []
    } else if (part?.type === 'response-metadata') {
      const { type, ...response } = part
      result.response = { ...result.response, ...response }
    } else if (part?.type === 'finish') {
      const { type, ...finish } = part
      Object.assign(result, finish)
    } else if (part?.type === 'error') {
      throw part.error
    }
  }
  return result
}

const NO_USAGE = { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined }
const BLOCK = /^(text|reasoning)-(start|delta|end)$/
const WHOLE = new Set(['tool-call', 'tool-result', 'source', 'file'])

/**
 * @param {any[]} content
 * @param {string} type
 * @param {{ providerMetadata?: unknown }} part
 */
function begun(content, type, { providerMetadata }) {
  const block = { type, text: '', ...(providerMetadata === undefined ? {} : { providerMetadata }) }
  content.push(block)
  return block
}
