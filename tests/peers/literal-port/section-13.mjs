// §13.2 to §13.4: what §13.5's transformer keeps of a tool call, and how it reads the arguments. Nothing is mended.

/**
 * The states of a call (§13.2); `pending` is written there and never entered.
 *
 * @typedef {'pending' | 'accumulating' | 'ready' | 'emitted'} ToolCallState
 */

/**
 * What is kept of one call while it streams (§13.2).
 *
 * @typedef {{ state: ToolCallState, toolName: string, args: any, index: number, startTime: number,
 *   deltaCount: number }} ToolCallBuffer
 */

/** Keeps every call that was started and not yet emitted (§13.3). */
export class ToolCallAccumulator {
  /** @type {Map<string, ToolCallBuffer>} */
  buffers = new Map()
  nextIndex = 0
  /** @type {((message: string) => void) | undefined} */
  logger

  /** @param {(message: string) => void} [logger] */
  constructor(logger) {
    this.logger = logger
  }

  /**
   * Ledger E21: an id that is already known gets a new index, and leaves a gap.
   *
   * @param {string} toolCallId
   * @param {string} toolName
   */
  initialize(toolCallId, toolName) {
    if (this.buffers.has(toolCallId)) {
      this.log(`[WARN] Tool call ${toolCallId} already initialized, resetting`)
    }

    this.buffers.set(toolCallId, {
      state: 'accumulating',
      toolName,
      args: '',
      index: this.nextIndex++,
      startTime: Date.now(),
      deltaCount: 0,
    })

    this.log(`[INIT] Tool call ${toolCallId} (${toolName}) at index ${this.nextIndex - 1}`)
  }

  /**
   * @param {string} toolCallId
   * @param {any} delta
   */
  accumulate(toolCallId, delta) {
    const buffer = this.buffers.get(toolCallId)
    if (!buffer) {
      this.log(`[ERROR] Tool call ${toolCallId} not initialized for delta`)
      return false
    }

    buffer.deltaCount++

    if (typeof delta === 'string') {
      if (typeof buffer.args === 'string') {
        buffer.args += delta
      } else {
        buffer.args = JSON.stringify(buffer.args) + delta
      }
    } else if (typeof delta === 'object' && delta !== null) {
      if (typeof buffer.args === 'string') {
        try {
          const parsed = JSON.parse(buffer.args)
          buffer.args = { ...parsed, ...delta }
        } catch {
          buffer.args = buffer.args + JSON.stringify(delta)
        }
      } else {
        buffer.args = { ...buffer.args, ...delta }
      }
    } else {
      buffer.args = String(delta)
    }

    this.log(`[DELTA] Tool call ${toolCallId}: received delta #${buffer.deltaCount}`)
    return true
  }

  /** @param {string} toolCallId */
  markReady(toolCallId) {
    const buffer = this.buffers.get(toolCallId)
    if (!buffer) {
      this.log(`[WARN] Tool call ${toolCallId} not found for ready state`)
      return
    }

    buffer.state = 'ready'
    const elapsed = Date.now() - buffer.startTime
    this.log(`[READY] Tool call ${toolCallId} ready after ${elapsed}ms (${buffer.deltaCount} deltas)`)
  }

  /** @param {string} toolCallId */
  get(toolCallId) {
    return this.buffers.get(toolCallId)
  }

  /** @param {string} toolCallId */
  remove(toolCallId) {
    const existed = this.buffers.delete(toolCallId)
    if (existed) {
      this.log(`[CLEANUP] Tool call ${toolCallId} removed from buffer`)
    }
  }

  /** @param {string} toolCallId */
  has(toolCallId) {
    return this.buffers.has(toolCallId)
  }

  getAllPending() {
    return new Map(Array.from(this.buffers.entries()).filter(([, buffer]) => buffer.state !== 'emitted'))
  }

  /** Ledger E12: called at the end only, where it does nothing that anybody sees. */
  cleanupStale(maxAgeMs = 30000) {
    const now = Date.now()
    /** @type {string[]} */
    const stale = []

    for (const [id, buffer] of this.buffers.entries()) {
      if (now - buffer.startTime > maxAgeMs) {
        stale.push(id)
        this.log(`[STALE] Tool call ${id} stale (${now - buffer.startTime}ms old), cleaning up`)
      }
    }

    for (const id of stale) {
      this.buffers.delete(id)
    }

    return stale
  }

  clear() {
    const count = this.buffers.size
    this.buffers.clear()
    this.nextIndex = 0
    this.log(`[CLEAR] Cleared ${count} tool call buffers`)
  }

  /** @param {string} message */
  log(message) {
    this.logger?.(`[ToolCallAccumulator] ${message}`)
  }
}

/**
 * Read the arguments that were gathered (§13.4, `parseToolArguments`).
 *
 * Ledger E2: a call without arguments is refused. E4: an array is taken. E15: what is written again is not what was
 * sent, where a number is too big for JavaScript.
 *
 * @param {any} args
 * @returns {{ success: true, arguments: string } | { success: false, error: string }}
 */
export function parseToolArguments(args) {
  try {
    if (typeof args === 'string') {
      const trimmed = args.trim()

      if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) {
        return { success: false, error: `Arguments do not appear to be JSON: "${trimmed.substring(0, 50)}..."` }
      }

      const parsed = JSON.parse(trimmed)
      return { success: true, arguments: JSON.stringify(parsed) }
    } else if (typeof args === 'object' && args !== null) {
      return { success: true, arguments: JSON.stringify(args) }
    } else {
      return { success: false, error: `Invalid arguments type: ${typeof args}` }
    }
  } catch (error) {
    const message = /** @type {Error} */ (error).message
    const match = message.match(/position (\d+)/)
    const position = match ? ` at position ${match[1]}` : ''

    return { success: false, error: `JSON parse error${position}: ${message}` }
  }
}
