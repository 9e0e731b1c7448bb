/**
 * The calls of one response: from their first sight to the moment when they may be passed on (§12.3, §13, R7–R13).
 *
 * A call keeps the index of its first sight, and calls are passed on in the order of their indices (§6.2), so a call
 * that is complete waits for those before it.
 */

import { argumentsOf, type Arguments, type Gathered, gatheredWith } from './arguments.js'
import { AdapterError } from './errors.js'
import { filled } from './reading.js'
import { sameJson } from './sameJson.js'
import type { StreamPart } from './languageModel.js'

/** A call of the consumer's tools; `arguments` is there once it is complete, its `results` wait until it is released. */
export interface Call {
  readonly id: string
  readonly index: number
  name: string
  gathered: Gathered
  arguments?: Arguments
  readonly results: Array<string>
  isEmitted: boolean
  isReleased: boolean
  isAnswered: boolean
  isDenied: boolean
}

/** All calls of a response. */
export class ToolCalls {
  readonly #calls = new Map<string, Call>()
  readonly #ofProvider = new Set<string>()
  #waiting: Array<Call> = []
  #next = 0

  /** Take a `tool-input-start`: a call is known from here on; one that starts again begins its input again. */
  started(part: StreamPart): void {
    const id = String(part.id)
    if (part.providerExecuted === true) return this.#leftToProvider(id)
    const call = this.#at(id)
    if (call.arguments !== undefined) return
    call.name = filled(part.toolName) ?? call.name
    call.gathered = ''
  }

  /** Take a `tool-input-delta`; one of a call that nobody started, or that is complete, says nothing (E17). */
  grown(part: StreamPart): void {
    const call = this.#calls.get(String(part.id))
    if (call !== undefined && call.arguments === undefined) call.gathered = gatheredWith(call.gathered, part.delta)
  }

  /**
   * Take a `tool-call`, the only part that completes a call (R7).
   *
   * Raises AdapterError where the same id was called before with another tool or other arguments (R12).
   */
  called(part: StreamPart): void {
    const id = String(part.toolCallId)
    if (part.providerExecuted === true || this.#ofProvider.has(id)) return this.#leftToProvider(id)
    const call = this.#at(id)
    const name = filled(part.toolName) ?? call.name
    const given = argumentsOf(part.input, call.gathered)
    if (call.arguments?.text !== undefined) {
      if (name === call.name && given.text !== undefined && sameJson(given.text, call.arguments.text)) return
      throw new AdapterError(`Two different tool calls have the id ${id}`, 'TOOL_CALL_CONFLICT')
    }
    call.name = name
    call.arguments = given
  }

  /** Return the call that a result belongs to, undefined where it is the provider's own or nobody's (R14). */
  of(id: unknown): Call | undefined {
    return typeof id === 'string' ? this.#calls.get(id) : undefined
  }

  /** Return the calls that are complete and before which none is open, each once. */
  *inOrder(): Generator<Call> {
    for (let call = this.#waiting[0]; call?.arguments?.text !== undefined; call = this.#waiting[0]) {
      this.#waiting.shift()
      yield call
    }
  }

  /**
   * Return the calls that are still to be passed on when the response has ended; those never completed are dropped (R13).
   *
   * Raises AdapterError at a call with malformed arguments (R9), unless a limit has cut it.
   */
  *left({ isCut }: { isCut: boolean }): Generator<Call> {
    for (const call of this.#waiting.splice(0)) {
      if (call.arguments?.text !== undefined) yield call
      else if (call.arguments !== undefined && !isCut) {
        const message = `Failed to parse tool arguments for ${call.name}: ${call.arguments.fault}`
        throw new AdapterError(message, 'TOOL_ARGS_PARSE_ERROR')
      }
    }
  }

  /** Tell whether calls were passed on that nobody has answered in the stream. */
  get areLeftToConsumer(): boolean {
    return [...this.#calls.values()].some((call) => call.isEmitted && !call.isAnswered)
  }

  #at(id: string): Call {
    let call = this.#calls.get(id)
    if (call === undefined) {
      const index = this.#next++
      const untouched = { isEmitted: false, isReleased: false, isAnswered: false, isDenied: false }
      call = { id, index, name: '', gathered: '', results: [], ...untouched }
      this.#calls.set(id, call)
      this.#waiting.push(call)
    }
    return call
  }

  /** Forget a call that the provider executes itself; results do not say so in V3, so its id is kept (E10). */
  #leftToProvider(id: string): void {
    this.#ofProvider.add(id)
    const call = this.#calls.get(id)
    if (call === undefined || call.isEmitted) return
    this.#calls.delete(id)
    this.#waiting = this.#waiting.filter((one) => one !== call)
  }
}
