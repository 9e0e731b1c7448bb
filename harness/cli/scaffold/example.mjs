// A small adapter over any language model of the AI SDK, so that there is something to judge from the first minute.
// Yours takes its place in adapter.mjs, in the one line that imports this file; then this file can go.

import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'

/**
 * @typedef {any} Part a stream part of LanguageModelV2 to V4
 * @typedef {Record<string, unknown>} Chunk one of TanStack AI's
 * @typedef {{ index: number, name: string, deltas: string, text?: string, byProvider: boolean }} Call
 */

/** Answers chat requests with TanStack AI chunks, of what a language model streams. */
export class ExampleAdapter {
  /**
   * @param {any} languageModel has the `doStream` of LanguageModelV2 to V4
   * @param {string} model
   */
  constructor(languageModel, model) {
    this.languageModel = languageModel
    this.model = model
  }

  /** @param {any} options TanStack's TextOptions */
  async *chatStream(options) {
    const signal = options.request?.signal ?? options.abortController?.signal
    const answer = new Answer(this.model)
    try {
      const { stream } = await this.languageModel.doStream({ ...callOptions(options), abortSignal: signal })
      for await (const part of stream) {
        if (signal?.aborted) return
        yield* answer.chunks(decoded(part))
        if (answer.ended) return
      }
      if (!signal?.aborted) yield answer.error('the stream ended before it was finished', 'STREAM_TRUNCATED')
    } catch (error) {
      if (!signal?.aborted && !answer.ended) yield answer.failure(error)
    }
  }
}

/** What is known of one answer while it streams: its identity, the texts so far, and its tool calls. */
class Answer {
  ended = false
  started = false
  texts = { content: '', thinking: '' }
  /** @type {Map<string, Call>} */
  calls = new Map()

  /** @param {string} model */
  constructor(model) {
    this.stamp = { id: `example-${randomUUID()}`, model, timestamp: Date.now() }
  }

  /**
   * Returns the chunks that one part gives rise to; a part of another type is passed over.
   *
   * @param {Part} part
   * @returns {Chunk[]}
   */
  chunks(part) {
    const chunk = this.#chunkOf(part)
    return chunk === undefined ? [] : [chunk]
  }

  /**
   * @param {Part} part
   * @returns {Chunk | undefined}
   */
  #chunkOf(part) {
    switch (part?.type) {
      case 'response-metadata':
        return this.#metadata(part)
      case 'text-delta':
        return this.#text('content', part.delta)
      case 'reasoning-delta':
        return this.#text('thinking', part.delta)
      case 'tool-input-start':
        return void this.#call(part.id, part)
      case 'tool-input-delta':
        return this.#argument(part)
      case 'tool-call':
        return this.#toolCall(part)
      case 'tool-result':
        return this.#toolResult(part)
      case 'finish':
        return this.#finish(part)
      case 'error':
        return this.failure(part.error)
    }
  }

  /**
   * @param {string} message for a person
   * @param {string} [code]
   */
  error(message, code) {
    this.ended = true
    return this.#chunk('error', { error: code === undefined ? { message } : { message, code } })
  }

  /** @param {unknown} error of any shape that a provider gives it */
  failure(error) {
    const { message = 'the provider reported an error without a message', code } = explained(error)
    return this.error(message, code)
  }

  /**
   * @param {string} type
   * @param {object} members
   * @returns {Chunk}
   */
  #chunk(type, members) {
    this.started = true
    return { type, ...this.stamp, ...members }
  }

  /**
   * One id and one model for the whole answer, also where the provider names them late.
   *
   * @param {Part} part
   */
  #metadata({ id, modelId }) {
    if (!this.started) Object.assign(this.stamp, id && { id }, modelId && { model: modelId })
    return undefined
  }

  /**
   * The text so far grows over the whole answer, not over one block of it.
   *
   * @param {'content' | 'thinking'} type
   * @param {unknown} delta
   */
  #text(type, delta) {
    if (typeof delta !== 'string' || delta === '') return undefined
    this.texts[type] += delta
    return this.#chunk(type, { delta, content: this.texts[type] })
  }

  /**
   * Returns what is known of a call; its place in the order is where it was first heard of.
   *
   * @param {string} id
   * @param {Part} part
   * @returns {Call}
   */
  #call(id, { toolName, providerExecuted }) {
    /** @type {Call} */
    const call = this.calls.get(id) ?? { index: this.calls.size, name: toolName, deltas: '', byProvider: false }
    call.byProvider ||= providerExecuted === true
    this.calls.set(id, call)
    return call
  }

  /** @param {Part} part */
  #argument({ id, delta }) {
    const call = this.calls.get(id)
    if (call !== undefined) call.deltas += textOf(delta)
    return undefined
  }

  /** @param {Part} part */
  #toolCall(part) {
    const { toolCallId: id, toolName: name, input } = part
    if (!id || !name) return this.error('the model called a tool without an id or a name', 'TOOL_CALL_UNNAMED')
    const call = this.#call(id, part)
    if (call.byProvider) return undefined
    const none = isBlank(input) && isBlank(call.deltas) ? '{}' : undefined
    const text = objectText(input) ?? objectText(call.deltas) ?? none
    if (text === undefined) return this.error(`the arguments of ${name} are not one JSON object`, 'TOOL_ARGS_PARSE_ERROR')
    if (call.text === undefined) {
      call.text = text
      const toolCall = { id, type: 'function', function: { name, arguments: text } }
      return this.#chunk('tool_call', { index: call.index, toolCall })
    }
    const isSame = call.name === name && isDeepStrictEqual(JSON.parse(text), JSON.parse(call.text))
    return isSame ? undefined : this.error(`two different calls have the id ${id}`, 'TOOL_CALL_CONFLICT')
  }

  /** @param {Part} part */
  #toolResult({ toolCallId, result = null, isError, preliminary }) {
    if (preliminary || this.calls.get(toolCallId)?.text === undefined) return undefined
    const told = isError && result?.error === undefined ? { error: result } : result
    return this.#chunk('tool_result', { toolCallId, content: JSON.stringify(told) })
  }

  /** @param {Part} part */
  #finish({ finishReason, usage }) {
    let reason = reasonOf(finishReason)
    if (reason === 'error') return this.error('the provider ended its answer with an error')
    const isCalling = [...this.calls.values()].some(({ text }) => text !== undefined)
    if (reason === 'stop' || reason === 'tool_calls') reason = isCalling ? 'tool_calls' : 'stop'
    this.ended = true
    return this.#chunk('done', { finishReason: reason, usage: counted(usage ?? {}) })
  }
}

const REASONS = {
  stop: 'stop endturn stopsequence eos complete',
  length: 'length maxtokens modellength',
  content_filter: 'contentfilter safety refusal blocklist prohibitedcontent recitation spii',
  tool_calls: 'toolcalls tooluse toolcall functioncall',
  error: 'error',
}

/** @param {any} said a word, or V3's `{ unified, raw }` */
function reasonOf(said) {
  const word = String(said?.unified ?? said)
    .toLowerCase()
    .replaceAll(/[-_]/g, '')
  return Object.entries(REASONS).find(([, words]) => words.split(' ').includes(word))?.[0] ?? 'stop'
}

/** @param {any} part an object; the text or the bytes of one are read as well */
function decoded(part) {
  const text = ArrayBuffer.isView(part) ? new TextDecoder().decode(part) : part
  return typeof text === 'string' ? JSON.parse(text) : text
}

/** @param {unknown} value */
function isBlank(value) {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

/**
 * Returns the text of one JSON object as it was written, so that big integers stay what they are.
 *
 * @param {unknown} value
 */
function objectText(value) {
  const text = textOf(value)
  try {
    const parsed = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? text : undefined
  } catch {
    return undefined
  }
}

/**
 * Returns the tokens that were counted: V2 counts flat, V3 and V4 nest a total.
 *
 * @param {any} usage
 */
function counted(usage) {
  /** @param {string[]} names */
  const count = (...names) =>
    names.map((name) => usage[name]?.total ?? usage[name]).find((value) => Number.isFinite(value) && value >= 0)
  const promptTokens = count('inputTokens', 'promptTokens', 'input_tokens', 'prompt_tokens') ?? 0
  const completionTokens = count('outputTokens', 'completionTokens', 'output_tokens', 'completion_tokens') ?? 0
  const totalTokens = count('totalTokens', 'total_tokens') ?? promptTokens + completionTokens
  return { promptTokens, completionTokens, totalTokens }
}

/**
 * Returns what a failure says, which providers and packages wrap: the innermost message and code count.
 *
 * @param {any} error
 * @returns {{ message?: string, code?: string }}
 */
function explained(error, depth = 0) {
  if (typeof error === 'string' && error.trim() !== '') return { message: error }
  if (typeof error !== 'object' || error === null || depth > 8) return {}
  const said = [error.code, error.statusCode, error.status, error.type]
  const code = said.find((one) => typeof one === 'string' || typeof one === 'number')?.toString()
  if (typeof error.message === 'string' && error.message !== '') return { message: error.message, code }
  const inner = explained(error.error ?? error.response ?? error.data, depth + 1)
  return { message: inner.message, code: inner.code ?? code }
}

/**
 * TanStack's options as the AI SDK's call options; the texts, tools and results of a conversation.
 *
 * @param {any} options
 */
function callOptions({ messages = [], systemPrompts = [], tools = [], temperature, maxTokens, topP }) {
  const system = systemPrompts.length > 0 ? [{ role: 'system', content: systemPrompts.join('\n') }] : []
  return {
    prompt: [...system, ...messages.map(promptMessage)],
    tools: tools.map((/** @type {any} */ { name, description, inputSchema }) => {
      return { type: 'function', name, description, inputSchema }
    }),
    temperature,
    maxOutputTokens: maxTokens,
    topP,
  }
}

/** @param {any} message what a person or an assistant said, what that called, or what a tool gave */
function promptMessage({ role, content, toolCalls = [], toolCallId, name = '' }) {
  const parts = typeof content === 'string' ? [{ content }] : (content ?? [])
  const text = parts.map((/** @type {any} */ part) => part.content ?? '').join('')
  if (role === 'tool') {
    return { role, content: [{ type: 'tool-result', toolCallId, toolName: name, output: { type: 'text', value: text } }] }
  }
  const calls = toolCalls.map((/** @type {any} */ call) => {
    const input = JSON.parse(call.function.arguments || '{}')
    return { type: 'tool-call', toolCallId: call.id, toolName: call.function.name, input }
  })
  return { role, content: [...(text || calls.length === 0 ? [{ type: 'text', text }] : []), ...calls] }
}
