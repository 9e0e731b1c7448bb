/** One run: what its adapter is given, what it says, and how it ends. */

import { Compactor } from './compaction.cjs'
import { described } from './errors.js'
import { redirecting } from './fetch.js'
import { asJson } from './json.cjs'
import { playedModel } from './model.js'
import { NOWHERE, playingFetch } from './played-fetch.js'
import { notification } from './rpc.js'
import { revived } from './words.js'

const KEY = 'streamchunk' // where a case gives none: SDKs refuse to be made without a key

/**
 * @typedef {import('../types/index.d.ts').Context} Context
 * @typedef {import('../types/index.d.ts').ServeOptions} ServeOptions
 * @typedef {{ ending: 'completed' | 'raised' | 'aborted', error?: { name: string, message: string, code?: string },
 *   result?: unknown, abortedAfter?: number }} Outcome
 * @typedef {{ promise: Promise<boolean>, resolve: (approved: boolean) => void }} Question
 */

/** A run from its request to its answer; after that it says nothing more. */
export class Run {
  #abort = new AbortController()
  #compactor = new Compactor()
  #chunks = 0
  /** @type {number | undefined} how many chunks were sent when the client went away */
  #abortedAfter
  #isOver = false
  /** @type {Map<string, Question>} */
  #approvals = new Map()
  /** @type {(error: unknown) => void} */
  #fail = () => {}
  #hold
  /** @type {() => void} lets a run go on that waits for its abort */
  #release = () => {}
  #outbox

  /**
   * @param {import('./rpc.js').Params} params of `run`
   * @param {ServeOptions} options
   * @param {import('./outbox.js').Outbox} outbox
   */
  constructor(params, options, outbox) {
    this.id = params.runId
    this.operation = params.operation
    this.input = revived(params.input ?? {})
    this.events = params.source?.events ?? []
    this.#hold = params.options?.holdAfterChunks
    this.#outbox = outbox
    this.context = this.#contextOf(params, options)
  }

  /** Whether the answer is out, or about to be: nothing that is said now belongs to it. */
  get isOver() {
    return this.#isOver
  }

  /**
   * Plays the operation to its end, whatever that is, and returns how it ended; never rejects.
   *
   * @param {(run: Run) => Promise<unknown>} operation resolves to a result, or to undefined
   * @returns {Promise<Outcome>}
   */
  async outcome(operation) {
    const failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    /** @type {Outcome} */
    let outcome = { ending: 'completed' }
    try {
      const begun = this.#isHeld() ? this.#abortion().then(() => operation(this)) : operation(this)
      const result = await Promise.race([begun, failed])
      if (result !== undefined) outcome.result = asJson(result)
    } catch (error) {
      outcome = { ending: 'raised', error: described(error) }
    }
    this.#isOver = true
    const abortedAfter = this.#abortedAfter
    return abortedAfter === undefined ? outcome : { ...outcome, ending: 'aborted', abortedAfter }
  }

  /**
   * Sends one chunk; returns what to wait for before the next is taken, undefined where it may come at once.
   *
   * @param {unknown} chunk
   * @returns {Promise<void> | undefined}
   */
  chunk(chunk) {
    if (this.#isOver) return undefined
    this.#chunks += 1
    const params = { runId: this.id, chunk: this.#compactor.feed(asJson(chunk)) }
    const room = this.#outbox.send(notification('chunk', params))
    return this.#isHeld() ? this.#abortion() : room
  }

  /** Tells the adapter that its client went away. */
  abort() {
    this.#abortedAfter ??= this.#chunks
    this.#abort.abort()
    this.#release()
  }

  /**
   * Answers a question that the adapter has asked, or will ask.
   *
   * @param {string} approvalId
   * @param {boolean} approved
   */
  approve(approvalId, approved) {
    this.#question(approvalId).resolve(approved)
  }

  /**
   * Ends the run with what was thrown where nobody waited for it: the process of a server would have died of it.
   *
   * @param {unknown} error
   */
  fail(error) {
    this.#fail(error)
  }

  /** Tells whether the harness has said that the abort comes at this place, and it has not come yet. */
  #isHeld() {
    return this.#chunks === this.#hold && this.#abortedAfter === undefined
  }

  /** @returns {Promise<void>} when the abort has come */
  #abortion() {
    return new Promise((resolve) => {
      this.#release = resolve
    })
  }

  /**
   * @param {string} approvalId
   * @returns {Question}
   */
  #question(approvalId) {
    const known = this.#approvals.get(approvalId)
    if (known !== undefined) return known
    /** @type {Question['resolve']} */
    let resolve = () => {}
    const promise = new Promise((given) => {
      resolve = given
    })
    const question = { promise, resolve }
    this.#approvals.set(approvalId, question)
    return question
  }

  /**
   * @param {import('./rpc.js').Params} params
   * @param {ServeOptions} options
   * @returns {Context}
   */
  #contextOf(params, { redirect = [] }) {
    const request = revived(params.request ?? {})
    const source = params.source ?? {}
    const modelId = String(request.model ?? '')
    const model = modelId.slice(modelId.indexOf('/') + 1)
    const baseUrl = source.kind === 'http' ? source.baseUrl : NOWHERE
    return {
      operation: this.operation,
      request,
      source: source.kind,
      modelId,
      model,
      baseUrl,
      apiKey: request.modelOptions?.apiKey ?? KEY,
      headers: source.kind === 'http' ? (source.headers ?? {}) : {},
      fetch: source.kind === 'fetch' ? playingFetch(source) : redirecting(redirect, baseUrl),
      languageModel: source.kind === 'events' ? playedModel(modelId, this.events, this.#called.bind(this)) : undefined,
      signal: this.#abort.signal,
      abortController: this.#abort,
      approve: (approvalId) => this.#question(approvalId).promise,
    }
  }

  /** @param {unknown} options */
  async #called(options) {
    if (!this.#isOver) await this.#outbox.send(notification('modelCall', { runId: this.id, options }))
  }
}
