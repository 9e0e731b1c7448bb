/** The harness's side of the conversation, taken line by line; it reads and writes nothing by itself. */

import { currentRun } from './current.js'
import { described } from './errors.js'
import { operationsOf } from './operations.js'
import { answer, asked, BAD_PARAMS, INTERNAL, NO_METHOD, Refusal, refused } from './rpc.js'
import { Run } from './run.js'

const VERSION = 1

/** One harness, and the runs that it has in flight. */
export class Session {
  /** @type {Map<string, Run>} */
  #runs = new Map()
  #options
  #operations
  #outbox
  #onShutdown

  /**
   * @param {import('../types/index.d.ts').ServeOptions} options
   * @param {import('./outbox.js').Outbox} outbox
   * @param {() => void} onShutdown is called when the answer to `shutdown` is under way
   */
  constructor(options, outbox, onShutdown) {
    this.#options = options
    this.#operations = operationsOf(options)
    this.#outbox = outbox
    this.#onShutdown = onShutdown
  }

  /** The runs that are not answered yet. */
  get inFlight() {
    return [...this.#runs.values()]
  }

  /**
   * Takes one line; resolves when all that it leads to is done. Never rejects.
   *
   * @param {string | null} line
   */
  async take(line) {
    /** @type {import('./rpc.js').Id | undefined} */
    let id = null // of a line that cannot be read
    try {
      const request = asked(line)
      id = request.id
      const result = await this.#done(request)
      if (id !== undefined) void this.#outbox.send(answer(id, result ?? null))
      if (request.method === 'shutdown') this.#onShutdown()
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(INTERNAL, described(error).message)
      if (id !== undefined) void this.#outbox.send(refused(refusal, refusal.id ?? id))
    }
  }

  /** Tells every adapter in flight that its client went away. */
  abortAll() {
    for (const run of this.#runs.values()) this.#aborted(run)
  }

  /** @param {Run | undefined} run none where it has ended while the notification was under way */
  #aborted(run) {
    if (run !== undefined) currentRun.run(run, () => run.abort()) // what its listeners throw is its own
  }

  /**
   * @param {import('./rpc.js').Asked} request
   * @returns {Promise<unknown>} the result, undefined where there is nothing to say
   */
  async #done({ method, params }) {
    switch (method) {
      case 'initialize':
        return this.#introduced(params)
      case 'run':
        return this.#played(params)
      case 'abort':
        return this.#aborted(this.#runs.get(params.runId))
      case 'approve':
        return this.#runs.get(params.runId)?.approve(String(params.approvalId), params.approved === true)
      case 'shutdown':
        return undefined
      default:
        throw new Refusal(NO_METHOD, `there is no method ${JSON.stringify(method)}`)
    }
  }

  /** @param {import('./rpc.js').Params} params */
  #introduced({ protocolVersion }) {
    if (protocolVersion !== VERSION) {
      throw new Refusal(BAD_PARAMS, `this shim speaks version ${VERSION} of the driver protocol`)
    }
    const { name, version = 'unknown', homepage, dialect = 'streamchunk', profile = 'spec' } = this.#options
    const { wires = [], abort = true, approvals = false, fetchShim = false, maxConcurrentRuns = 8 } = this.#options
    return {
      protocolVersion: VERSION,
      implementation: { name, version, language: 'TypeScript', ...(homepage === undefined ? {} : { homepage }) },
      dialect,
      profile,
      capabilities: { operations: [...this.#operations.keys()], wires, abort, approvals, fetchShim, maxConcurrentRuns },
    }
  }

  /** @param {import('./rpc.js').Params} params */
  async #played(params) {
    const operation = this.#operations.get(params.operation)
    if (operation === undefined) {
      throw new Refusal(BAD_PARAMS, `the operation ${JSON.stringify(params.operation)} was not declared`)
    }
    if (typeof params.runId !== 'string' || this.#runs.has(params.runId)) {
      throw new Refusal(BAD_PARAMS, 'a run needs a runId of its own')
    }
    const run = new Run(params, this.#options, this.#outbox)
    this.#runs.set(run.id, run)
    const outcome = await currentRun.run(run, () => run.outcome(operation))
    this.#runs.delete(run.id)
    return outcome
  }
}
