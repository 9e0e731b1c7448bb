/**
 * The parts of a model's stream → TanStack's chunks (§5, §12.2, §13.5 and the readings).
 */

import type { StreamChunk } from '@tanstack/ai'

import { abortable } from './abort.js'
import { type Approve, approvalIdOf, DENIED, Question } from './approvals.js'
import {
  type Identity,
  toApprovalRequestedChunk,
  toContentChunk,
  toDoneChunk,
  toErrorChunk,
  toThinkingChunk,
  toToolCallChunk,
  toToolResultChunk,
} from './chunks.js'
import { aborted, describeFailure, truncated } from './errors.js'
import { parseExactly } from './exactJson.js'
import { mapFinishReason, reasonWithCalls } from './finish.js'
import type { StreamPart } from './languageModel.js'
import { asPart } from './parts.js'
import { filled } from './reading.js'
import { resultText } from './results.js'
import { type Call, ToolCalls } from './toolCalls.js'
import { mapUsage } from './usage.js'

/** How one stream is transformed; `model` is its name where the stream gives none. */
export interface TransformOptions {
  model: string
  /** The tools whose calls are asked about, and who answers; nobody is asked without `approve`. */
  needsApproval?: ReadonlySet<string>
  approve?: Approve | undefined
  signal?: AbortSignal | undefined
  /** Texts that no message may show. */
  secrets?: ReadonlyArray<string>
}

/**
 * Yield the chunks of one response: one id, one model and one time for all (R2, R3), exactly one terminal (R17).
 *
 * `parts` raises where the source failed; nothing is raised from here. It is closed in every case.
 */
export async function* transformMastraStreamToTanStack(
  parts: AsyncIterable<unknown>,
  options: TransformOptions,
): AsyncGenerator<StreamChunk, void, undefined> {
  const response = new Response(options)
  const source = abortable(parts, options.signal)
  try {
    for await (const value of source) {
      const part = asPart(value)
      if (part === undefined) continue
      for await (const chunk of response.chunksOf(part)) {
        if (options.signal?.aborted) throw aborted()
        yield chunk
        if (chunk.type === 'done') return
      }
    }
    throw truncated(response.isEmpty ? 'The stream is empty: it ended' : 'The stream ended')
  } catch (error) {
    if (options.signal?.aborted) yield response.ended(aborted())
    else yield* response.failed(error)
  }
}

/** What is known of a response while it arrives. */
class Response {
  readonly #options: TransformOptions
  readonly #timestamp = Date.now()
  readonly #calls = new ToolCalls()
  readonly #questions = new Set<Question>()
  #id: string | undefined
  #model: string | undefined
  #identity: Identity | undefined
  #isEmpty = true
  #text = ''
  #reasoning = ''

  constructor(options: TransformOptions) {
    this.#options = options
  }

  /** Whether the provider has sent nothing so far: a package begins its stream by itself. */
  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** Yield the chunks that a part makes; a part that is not known makes none (R23). Raises what ends the stream. */
  async *chunksOf(part: StreamPart): AsyncGenerator<StreamChunk, void, undefined> {
    for (const question of this.#questions) yield* this.#settled(question)
    if (part.type !== 'stream-start') this.#isEmpty = false
    switch (part.type) {
      case 'response-metadata':
        this.#id = filled(part.id) ?? this.#id
        this.#model = filled(part.modelId) ?? this.#model
        break
      case 'text-delta':
        yield* this.#said(part.delta)
        break
      case 'reasoning-delta':
        yield* this.#thought(part.delta)
        break
      case 'tool-input-start':
        this.#calls.started(part)
        break
      case 'tool-input-delta':
        this.#calls.grown(part)
        break
      case 'tool-call':
        this.#calls.called(part)
        for (const call of this.#calls.inOrder()) yield* this.#emitted(call)
        break
      case 'tool-result':
        yield* this.#result(part)
        break
      case 'error':
        throw part.error
      case 'finish':
        yield* this.#finished(part)
        break
    }
  }

  /**
   * Yield what ends a stream that failed: the calls that are complete, so that none is lost, and the failure.
   *
   * Nobody is asked about these calls: there is no time for an answer. Malformed arguments outrank what came later
   * (R9).
   */
  *failed(error: unknown): Generator<StreamChunk> {
    for (const call of this.#calls.left()) {
      yield this.#passedOn(call)
      if (!this.#isAsked(call)) yield* this.#released(call)
    }
    yield this.ended(this.#calls.malformed ?? error)
  }

  /** Return the chunk that ends a stream which failed, and nothing before it. */
  ended(error: unknown): StreamChunk {
    return toErrorChunk({ ...this.#shared(), ...describeFailure(error, this.#options.secrets) })
  }

  /** Return what all chunks share; the response's own id and model count until the first chunk (D3). */
  #shared(): Identity {
    this.#identity ??= {
      id: this.#id ?? generateId(),
      model: this.#model ?? this.#options.model,
      timestamp: this.#timestamp,
    }
    return this.#identity
  }

  /** The text of all blocks is one: consumers take `content` for the whole message (R4, ledger C1). */
  *#said(delta: unknown): Generator<StreamChunk> {
    const text = filled(delta)
    if (text === undefined) return
    this.#text += text
    yield toContentChunk({ ...this.#shared(), delta: text, content: this.#text })
  }

  *#thought(delta: unknown): Generator<StreamChunk> {
    const text = filled(delta)
    if (text === undefined) return
    this.#reasoning += text
    yield toThinkingChunk({ ...this.#shared(), delta: text, content: this.#reasoning })
  }

  /** Pass a call on, with the question about it or the result that came before it could be. */
  async *#emitted(call: Call): AsyncGenerator<StreamChunk, void, undefined> {
    const { approve } = this.#options
    if (approve === undefined || !this.#isAsked(call)) {
      yield this.#passedOn(call)
      yield* this.#released(call)
      return
    }
    yield* this.#allAnswered() // one question at a time
    yield this.#passedOn(call)
    const { id: toolCallId, name: toolName } = call
    const approvalId = approvalIdOf(toolCallId)
    this.#questions.add(new Question(call, approve, approvalId))
    const input = parseExactly(textOf(call))
    yield toApprovalRequestedChunk({ ...this.#shared(), toolCallId, toolName, input, approvalId })
  }

  #isAsked(call: Call): boolean {
    return this.#options.approve !== undefined && this.#options.needsApproval?.has(call.name) === true
  }

  #passedOn(call: Call): StreamChunk {
    call.isEmitted = true
    const { id: toolCallId, name, index } = call
    return toToolCallChunk({ ...this.#shared(), toolCallId, name, arguments: textOf(call), index })
  }

  /** Wait for the answers to all questions, and let go what was held for them. */
  async *#allAnswered(): AsyncGenerator<StreamChunk, void, undefined> {
    for (const question of this.#questions) {
      await question.answered(this.#options.signal)
      yield* this.#settled(question)
    }
  }

  /** Let go what was held for a question that is answered by now. */
  *#settled(question: Question): Generator<StreamChunk> {
    const { call, isApproved } = question
    if (isApproved === undefined) return
    this.#questions.delete(question)
    if (isApproved) yield* this.#released(call)
    else {
      call.isAnswered = true
      yield toToolResultChunk({ ...this.#shared(), toolCallId: call.id, content: DENIED })
    }
  }

  *#released(call: Call): Generator<StreamChunk> {
    call.isReleased = true
    yield* this.#answered(call)
  }

  *#result(part: StreamPart): Generator<StreamChunk> {
    const content = resultText(part)
    const call = content === undefined ? undefined : this.#calls.answered(part.toolCallId, content)
    if (call !== undefined) yield* this.#answered(call)
  }

  *#answered(call: Call): Generator<StreamChunk> {
    if (call.result === undefined) return
    call.isAnswered = true
    yield toToolResultChunk({ ...this.#shared(), toolCallId: call.id, content: call.result })
  }

  async *#finished(part: StreamPart): AsyncGenerator<StreamChunk, void, undefined> {
    const reason = mapFinishReason(part.finishReason)
    if (reason === 'failed') throw new Error('The model ended its answer with an error')
    const { malformed } = this.#calls
    if (malformed !== undefined && reason !== 'length') throw malformed // a limit may cut a call (R9)
    for (const call of this.#calls.left()) yield* this.#emitted(call)
    yield* this.#allAnswered()
    const finishReason = reasonWithCalls(reason, this.#calls.areLeftToConsumer)
    yield toDoneChunk({ ...this.#shared(), finishReason, usage: mapUsage(part.usage) })
  }
}

const textOf = (call: Call): string => call.arguments?.text ?? '{}'

function generateId(): string {
  return `mastra-${Date.now()}-${Math.random().toString(36).slice(2, 10)}`
}
