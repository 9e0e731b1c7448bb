/**
 * The calls of one response: from their first sight to the moment when they may be passed on (§12.3, §13, R7–R13).
 *
 * A call keeps the index of its first sight, and calls are passed on in the order of their indices (§6.2), so a call
 * that is complete waits for those before it; when the stream ends, however it does, nothing is waited for any more.
 */

import { argumentsOf, type Arguments, type Gathered, gatheredWith } from './arguments.js'
import { AdapterError } from './errors.js'
import { filled } from './reading.js'
import { sameJson } from './sameJson.js'
import type { StreamPart } from './languageModel.js'

/** A call of the consumer's tools; `arguments` is there once it is complete, a `result` waits until it is released. */
export interface Call {
  readonly id: string
  readonly index: number
  name: string
  gathered: Gathered
  arguments?: Arguments
  result: string | undefined
  isEmitted: boolean
  isReleased: boolean
  isAnswered: boolean
}

/** All calls of a response. */
export class ToolCalls {
  readonly #calls = new Map<string, Call>()
  readonly #ofProvider = new Set<string>()
  readonly #early = new Map<string, string>()
  #malformed: AdapterError | undefined
  #waiting: Array<Call> = []
  #next = 0

  /** Take a `tool-input-start`: a call is known from here on; one that starts again begins its input again. */
  started(part: StreamPart): void {
    const id = filled(part.id)
    if (id === undefined || this.#ofProvider.has(id)) return
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
   * Malformed arguments are kept as `malformed`, since the finish reason decides about them (R9). Raises AdapterError
   * where the call or its tool has no name, so that nobody could run or answer it, and where the same id was called
   * before with another tool or other arguments (R12).
   */
  called(part: StreamPart): void {
    const id = filled(part.toolCallId)
    if (id !== undefined && this.#ofProvider.has(id)) return
    if (part.providerExecuted === true) return id === undefined ? undefined : this.#leftToProvider(id)
    const name = filled(part.toolName) ?? this.#calls.get(id ?? '')?.name
    if (id === undefined || !name) {
      throw new AdapterError('The model called a tool without naming the call or the tool', 'TOOL_CALL_UNNAMED')
    }
    const call = this.#at(id)
    const given = argumentsOf(part.input, call.gathered)
    if (call.arguments !== undefined) {
      const [one, other] = [given.text, call.arguments.text]
      if (name === call.name && one !== undefined && other !== undefined && sameJson(one, other)) return
      throw new AdapterError(`Two different tool calls have the id ${id}`, 'TOOL_CALL_CONFLICT')
    }
    call.name = name
    call.arguments = given
    if (given.fault === undefined) return
    const message = `Failed to parse tool arguments for ${name}: ${given.fault}`
    this.#malformed ??= new AdapterError(message, 'TOOL_ARGS_PARSE_ERROR')
  }

  /**
   * Take the result of a call and return the call where it was released, so that the result may be passed on.
   *
   * It waits for a call that is still to come, or to be released. Only the first result counts, and none of the
   * provider's own calls (R14, R15).
   */
  answered(id: unknown, result: string): Call | undefined {
    if (typeof id !== 'string' || this.#ofProvider.has(id)) return undefined
    const call = this.#calls.get(id)
    if (call === undefined) this.#early.set(id, this.#early.get(id) ?? result)
    else if (!call.isAnswered) call.result ??= result
    return call?.isReleased === true && !call.isAnswered ? call : undefined
  }

  /** Return the calls that are complete and before which none is open, each once; a malformed one holds up no other. */
  *inOrder(): Generator<Call> {
    for (let call = this.#waiting[0]; call?.arguments !== undefined; call = this.#waiting[0]) {
      this.#waiting.shift()
      if (call.arguments.text !== undefined) yield call
    }
  }

  /** Return the complete calls that are not passed on when the stream ends; those never completed are dropped (R13). */
  left(): Array<Call> {
    return [...this.#calls.values()].filter((call) => call.arguments?.text !== undefined && !call.isEmitted)
  }

  /** The failure of the first call with malformed arguments (R9). */
  get malformed(): AdapterError | undefined {
    return this.#malformed
  }

  /** Tell whether calls were passed on that nobody has answered in the stream. */
  get areLeftToConsumer(): boolean {
    return [...this.#calls.values()].some((call) => call.isEmitted && !call.isAnswered)
  }

  #at(id: string): Call {
    let call = this.#calls.get(id)
    if (call === undefined) {
      const index = this.#next++
      const untouched = { isEmitted: false, isReleased: false, isAnswered: false }
      call = { id, index, name: '', gathered: '', result: this.#early.get(id), ...untouched }
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
