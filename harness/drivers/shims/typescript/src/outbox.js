/** Messages → lines. What is said in one turn of the event loop leaves in one write, which is many times as fast. */

const FULL = 64 * 1024 // characters that are not kept back, however long the turn lasts

/**
 * @typedef {object} Sink where lines are written
 * @property {(text: string) => boolean} write tells whether there is room for more
 * @property {(event: 'drain' | 'close', listener: () => void) => unknown} on
 */

/** The messages that are under way to one sink. */
export class Outbox {
  #sink
  #text = ''
  #isDue = false
  /** @type {Promise<void> | undefined} settles when the sink has room again */
  #room
  /** @type {() => void} */
  #found = () => {}

  /** @param {Sink} sink */
  constructor(sink) {
    this.#sink = sink
    const found = () => this.#found()
    sink.on('drain', found)
    sink.on('close', found) // nobody is to wait for a reader that has gone
  }

  /**
   * Sends a message; returns what to wait for before the next, undefined where there is room for it.
   *
   * @param {object} message
   * @returns {Promise<void> | undefined}
   */
  send(message) {
    this.#text += `${JSON.stringify(message)}\n`
    if (this.#text.length >= FULL) {
      this.flush()
    } else if (!this.#isDue) {
      this.#isDue = true
      process.nextTick(() => this.flush()) // behind every microtask of this turn
    }
    return this.#room
  }

  /** Writes what was kept back. */
  flush() {
    const text = this.#text
    this.#isDue = false
    this.#text = ''
    if (text === '' || this.#sink.write(text)) return
    this.#room ??= new Promise((resolve) => {
      this.#found = () => {
        this.#room = undefined
        resolve()
      }
    })
  }
}
