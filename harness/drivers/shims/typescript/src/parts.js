/** The events of a run's source, played as a stream of parts. */

import { setImmediate } from 'node:timers/promises'

import { revived, thrown } from './words.js'

const TURN = 1 // milliseconds that an adapter may be kept busy before the event loop has its turn again

let last = 0

/** Lets the event loop have its turn where it is due: an adapter that never waits would else hear of no abort. */
async function turned() {
  await setImmediate()
  last = performance.now()
}

/**
 * Returns a stream that yields fresh copies of the events.
 *
 * @param {readonly unknown[]} events as they stand in the protocol, with its words
 * @param {AbortSignal} [signal] fails the stream with the signal's reason, as a provider's connection would
 * @returns {import('../types/index.d.ts').PartStream}
 */
export function playedParts(events, signal) {
  let place = 0
  const stream = new ReadableStream({
    async pull(controller) {
      if (performance.now() - last > TURN) await turned()
      if (signal?.aborted) return controller.error(signal.reason)
      if (place === events.length) return controller.close()
      const event = events[place++]
      const error = thrown(event)
      if (error) controller.error(error)
      else controller.enqueue(revived(event))
    },
  }, { highWaterMark: 0 })
  return /** @type {any} */ (stream) // Node's are async iterable; the DOM's types do not say so
}
