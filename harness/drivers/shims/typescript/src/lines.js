/** Bytes → lines, bounded and in linear time; no input and no output of its own. */

/** The longest line that is read, in bytes; the protocol refuses a longer one. */
export const MAX_LINE = 64 * 1024 * 1024

const LINE_END = 0x0a

/** Cuts a stream of bytes into lines, however it arrives. */
export class Lines {
  #limit
  /** @type {Uint8Array[]} */
  #pieces = []
  #length = 0
  #decoder = new TextDecoder('utf-8', { fatal: true })

  /** @param {number} limit the longest line, in bytes without its end */
  constructor(limit = MAX_LINE) {
    this.#limit = limit
  }

  /**
   * Yields the lines that are whole by now; null stands for one that is too long, or not UTF-8.
   *
   * @param {Uint8Array} bytes
   * @returns {Generator<string | null>}
   */
  *feed(bytes) {
    let start = 0
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      this.#keep(bytes.subarray(start, end))
      start = end + 1
      const line = this.#taken()
      if (line !== '') yield line
    }
    this.#keep(bytes.subarray(start))
  }

  /** Yields the last line, where the stream ended without a line's end. */
  *close() {
    const line = this.#taken()
    if (line !== '') yield line
  }

  /** @param {Uint8Array} piece */
  #keep(piece) {
    if (piece.length === 0) return
    this.#length += piece.length
    if (this.#length > this.#limit) this.#pieces = []
    else this.#pieces.push(piece)
  }

  #taken() {
    const whole = this.#length > this.#limit ? null : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#length = 0
    if (whole === null) return null
    try {
      return this.#decoder.decode(whole).trim()
    } catch {
      return null
    }
  }
}
