/**
 * One call of the model, with what the router leaves out: retries, a time limit, an end at abort (§2, R28, R29).
 *
 * `timeout` and `maxRetries` are dropped silently by the router, which never tries again (ledger A11).
 */

import { abortable, unlessAborted } from './abort.js'
import type { ChatOptions, MastraTextProviderOptions } from './configuration.js'
import { aborted, AdapterError, isBrokenConnection, truncated } from './errors.js'
import type { CallOptions, LanguageModel, StreamPart } from './languageModel.js'
import { asPart } from './parts.js'
import { isWorthAnother, waitBefore } from './retries.js'

/** Which of a model's two calls: the stream, or the answer as a whole, whose parts the router yields, too. */
export type How = 'doStream' | 'doGenerate'

/**
 * A way to ask the model: the options of a chat, with changes over those of the call that is made of them, give parts.
 *
 * Everything happens, and is raised, when the parts are read.
 */
export type Ask = (
  options: ChatOptions,
  changes?: Partial<CallOptions>,
  how?: How,
) => AsyncGenerator<StreamPart, void, undefined>

const DEFAULT_RETRIES = 2 // as in the AI SDK

/**
 * Ask the model and yield its parts.
 *
 * Raises what the model raised, and AdapterError where the time was up or the consumer left.
 */
export async function* asked(
  model: LanguageModel,
  options: CallOptions,
  { timeout, maxRetries = DEFAULT_RETRIES }: Pick<MastraTextProviderOptions, 'timeout' | 'maxRetries'>,
  signal: AbortSignal | undefined,
  how: How = 'doStream',
): AsyncGenerator<StreamPart, void, undefined> {
  for (let retry = 1; ; retry++) {
    const attempt = new Attempt(timeout, signal)
    try {
      const { stream } = await attempt.unlessOver(() => model[how]({ ...options, abortSignal: attempt.signal }))
      yield* attempt.parts(stream)
      return
    } catch (error) {
      attempt.end() // a failure may leave its connection open, and the wait may be long
      const pause = waitBefore(retry, error)
      if (attempt.hasBegun || signal?.aborted || retry > maxRetries || pause === undefined) throw error
      if (!isWorthAnother(error)) throw error
      await unlessAborted(new Promise((resolve) => setTimeout(resolve, pause)), signal)
    } finally {
      attempt.end()
    }
  }
}

/** One attempt: it ends with the consumer's signal, with its time, or when its parts are read no further. */
class Attempt {
  readonly signal: AbortSignal
  hasBegun = false
  readonly #over = new AbortController()
  readonly #consumer: AbortSignal | undefined
  readonly #timeout: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(timeout: number | undefined, consumer: AbortSignal | undefined) {
    this.#timeout = timeout
    this.#consumer = consumer
    this.signal = consumer === undefined ? this.#over.signal : AbortSignal.any([consumer, this.#over.signal])
    this.#wait()
  }

  /** Wait for an answer; raises AdapterError where the attempt was over first, and what the answer raised. */
  async unlessOver<T>(answer: () => PromiseLike<T>): Promise<T> {
    try {
      return await unlessAborted(answer(), this.signal)
    } catch (error) {
      throw this.#reason() ?? error
    }
  }

  /** Yield the parts of a stream; the model has its time for each, and what the consumer takes is not the model's. */
  async *parts(stream: AsyncIterable<unknown>): AsyncGenerator<StreamPart, void, undefined> {
    this.hasBegun = true
    this.#wait()
    try {
      for await (const value of abortable(stream, this.signal)) {
        clearTimeout(this.#timer)
        const part = asPart(value)
        if (part !== undefined) yield part
        this.#wait()
      }
    } catch (error) {
      throw this.#reason() ?? (isBrokenConnection(error) ? truncated('The connection broke off') : error)
    }
  }

  /** Close the connection, if it is still open. */
  end(): void {
    clearTimeout(this.#timer)
    this.#over.abort()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#timeout !== undefined) this.#timer = setTimeout(() => this.#over.abort(), this.#timeout)
  }

  #reason(): AdapterError | undefined {
    if (this.#consumer?.aborted) return aborted()
    if (this.#over.signal.aborted) return new AdapterError(`The model was silent for ${this.#timeout} ms`, 'TIMEOUT')
    return undefined
  }
}
