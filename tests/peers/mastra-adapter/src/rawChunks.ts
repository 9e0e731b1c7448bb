/**
 * What a provider's own chunks tell, and its package leaves out of the parts that it makes of them.
 *
 * Asked for `includeRawChunks`, a package gives each chunk of the provider as a `raw` part, before the parts that it
 * makes of it. They are read by their shapes, whoever the provider is, and only for what got lost: who answers, an
 * error, counts, an end, the ids of calls, refusals and reasoning that no part tells. Text and calls are the packages'
 * to read.
 */

import { truncated } from './errors.js'
import { knownReason } from './finish.js'
import type { StreamPart } from './languageModel.js'
import { filled, isRecord } from './reading.js'
import { isCounted } from './usage.js'

type Chunk = Record<string, unknown>
type Said = { type: 'text-delta' | 'reasoning-delta'; delta: string }

/** The events with which the APIs that name their events begin each of them, and with which an answer is over (R38). */
const NAMED = /^(?:response\.|message_|content_block_)/
const ENDS = new Set(['message_stop', 'response.completed', 'response.incomplete', 'response.failed'])

/** Yield the parts of one stream, without the raw ones and with what they tell beyond the others. */
export async function* repaired(parts: AsyncIterable<StreamPart>): AsyncGenerator<StreamPart, void, undefined> {
  const chunks = new Chunks()
  try {
    for await (const part of parts) yield* part.type === 'raw' ? chunks.read(part.rawValue) : chunks.passed(part)
  } catch (error) {
    yield* chunks.untold() // what the provider said of its failure says more than how a package failed on it
    throw error
  }
  yield* chunks.untold()
}

/** The provider's chunks so far, and what the package has made of the last one. */
class Chunks {
  readonly #callIds = new Map<unknown, unknown>()
  #isEmpty = true
  #id: string | undefined
  #model: string | undefined
  #usage: Chunk = {}
  #reason: string | undefined
  /** Undefined where nothing tells an answer that is over from one that was cut: no part shows Chat's `[DONE]`. */
  #isOver: boolean | undefined
  /** Of the last chunk only. */
  #error: unknown
  #said: Array<Said> = []
  #idsOfCalls: Array<unknown> = [];

  /** Take one of the provider's chunks; yield what is known by it now, or was left out of the one before. */
  *read(value: unknown): Generator<StreamPart> {
    yield* this.untold()
    this.#isEmpty = false
    if (!isRecord(value)) return
    // Responses and Messages send the whole response, as far as it has come, inside some of their events.
    const [response, message] = [recordOf(value.response), recordOf(value.message)]
    yield* this.#metadata(
      filled(value.id) ?? filled(value.responseId) ?? filled(response.id) ?? filled(message.id),
      filled(value.model) ?? filled(value.modelVersion) ?? filled(response.model) ?? filled(message.model),
    )
    // Gemini's reports stand for themselves; Messages counts what it read in one event, and what it wrote in another.
    if (isCounted(value.usageMetadata)) this.#usage = recordOf(value.usageMetadata)
    for (const usage of [value.usage, response.usage, message.usage]) {
      const counted = Object.entries(recordOf(usage)).filter(([, count]) => count != null)
      this.#usage = { ...this.#usage, ...Object.fromEntries(counted) }
    }
    const [choice, candidate] = [first(value.choices), first(value.candidates)]
    const delta = recordOf(choice.delta)
    const isBlocked = filled(recordOf(value.promptFeedback).blockReason) !== undefined
    this.#reason =
      filled(choice.finish_reason) ??
      filled(candidate.finishReason) ??
      filled(recordOf(value.delta).stop_reason) ??
      (isBlocked ? 'content_filter' : this.#reason)
    if (NAMED.test(String(value.type)) || 'candidates' in value) this.#isOver ??= false
    if (ENDS.has(String(value.type)) || filled(candidate.finishReason) !== undefined || isBlocked) this.#isOver = true
    const flat = value.type === 'error' ? value : undefined // Responses tells an error's members in the event itself
    this.#error = [value.error, response.error, flat].find((error) => isRecord(error) || filled(error) !== undefined)
    this.#said = [...refusalIn(value, delta), ...reasoningIn(value, delta)]
    const calls = listOf(recordOf(candidate.content).parts).map((part) => part.functionCall).filter(isRecord)
    this.#idsOfCalls = calls.map((call) => call.id)
  }

  /** Take a part that the package has made; yield it as it should have been. */
  *passed(part: StreamPart): Generator<StreamPart> {
    if (part.type === 'finish') {
      yield* this.untold()
      yield this.#finish(part)
      return
    }
    if (part.type !== 'stream-start') this.#isEmpty = false
    if (filled(part.delta) !== undefined) this.#said = this.#said.filter((said) => said.type !== part.type)
    if (part.type === 'error' && this.#error !== undefined) yield* this.untold()
    else yield this.#withIdOfCall(part)
  }

  /** Yield what the last chunk said, and the package has not told by now. */
  *untold(): Generator<StreamPart> {
    yield* this.#said.splice(0)
    if (this.#error !== undefined) yield { type: 'error', error: this.#error }
    this.#error = undefined
  }

  *#metadata(id: string | undefined, model: string | undefined): Generator<StreamPart> {
    if ((this.#id ?? id) === this.#id && (this.#model ?? model) === this.#model) return
    this.#id ??= id
    this.#model ??= model
    yield { type: 'response-metadata', id: this.#id, modelId: this.#model }
  }

  /** An end that the provider has not sent is none, though most packages send `finish` whatever happens (R20). */
  #finish(part: StreamPart): StreamPart {
    const isKnown = knownReason(part.finishReason) !== undefined
    if (this.#isEmpty && !isKnown) return { type: 'error', error: truncated('The stream is empty: it ended') }
    if (this.#isOver === false) return { type: 'error', error: truncated('The stream ended') }
    return {
      ...part,
      ...(!isKnown && this.#reason !== undefined && { finishReason: this.#reason }),
      ...(isCounted(this.#usage) && { usage: this.#usage }), // a package may add, or leave out, what it likes
    }
  }

  /** Some packages give calls other ids than the provider's, which the consumer's answers are about. */
  #withIdOfCall(part: StreamPart): StreamPart {
    const member = part.type.startsWith('tool-input-') ? 'id' : 'toolCallId'
    const id = part[member]
    if (!part.type.startsWith('tool-') || part.providerExecuted === true || id === undefined) return part
    if (!this.#callIds.has(id) && part.type !== 'tool-result') {
      this.#callIds.set(id, filled(this.#idsOfCalls.shift()) ?? id)
    }
    return { ...part, [member]: this.#callIds.get(id) ?? id }
  }
}

function* refusalIn({ type, delta: text }: Chunk, delta: Chunk): Generator<Said> {
  const refusal = filled(delta.refusal) ?? (type === 'response.refusal.delta' ? filled(text) : undefined)
  if (refusal !== undefined) yield { type: 'text-delta', delta: refusal }
}

function* reasoningIn({ type, delta: text }: Chunk, delta: Chunk): Generator<Said> {
  const details = listOf(delta.reasoning_details).map((detail) => filled(detail.text) ?? filled(detail.summary) ?? '')
  const reasoning =
    filled(delta.reasoning_text) ??
    filled(details.join('')) ??
    (type === 'response.reasoning_text.delta' ? filled(text) : undefined)
  if (reasoning !== undefined) yield { type: 'reasoning-delta', delta: reasoning }
}

/** Return the answer that is read of several, which may come in any order. */
const first = (answers: unknown): Chunk => listOf(answers).find(({ index }) => index === 0 || index == null) ?? {}

const recordOf = (value: unknown): Chunk => (isRecord(value) ? value : {})
const listOf = (value: unknown): Array<Chunk> => (Array.isArray(value) ? value.filter(isRecord) : [])
